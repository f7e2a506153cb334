import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { describeWith, engineSocket } from '../engine/capabilities.ts';
import { testContainers } from '../engine/containers.ts';
import type { TestContainer } from '../engine/containers.ts';
import { addressOf } from '../monitor/egress/egress-stage.ts';
import { buildShell, startDesktop, until } from './desktop.ts';
import type { Desktop } from './desktop.ts';

/** What curl ends with when it is refused at once, and when all is well. */
const refused = 22;
const reached = 0;

describeWith(['engine', 'debian-image', 'chromium', 'root'], 'A list edited in the window', () => {
  const containers = testContainers(engineSocket());
  let desktop: Desktop;
  let page: Page;
  let agent: TestContainer;
  let [serverAddress, otherAddress] = ['', ''];

  beforeAll(async () => {
    buildShell();
    const web = ['sh', '-c', 'echo hello >/www/index.html; exec httpd -f -p 80 -h /www'];
    const [first, server, other] = await Promise.all([
      containers.start({ args: ['sleep', '10000'], image: 'debian' }),
      containers.start({ args: web }),
      containers.start({ args: web }),
    ]);
    agent = first;
    [serverAddress, otherAddress] = await Promise.all([addressOf(server), addressOf(other)]);
    desktop = startDesktop({ monitor: { engine: `unix://${engineSocket()}`, learnMs: 600_000 } });
    page = await desktop.openPage();
    await page.getByRole('row').filter({ hasText: agent.name }).waitFor();
    await page.getByRole('navigation').getByRole('button', { name: 'Egress' }).click();
    await page.getByRole('list', { name: 'Containers' }).getByText(agent.name).click();
    await page.getByRole('heading', { name: agent.name }).waitFor();
  });

  afterAll(async () => {
    // The wall goes with the container.
    await desktop.end();
    await containers.removeAll();
  });

  const curl = (address: string): Promise<number> =>
    agent.exec(['curl', '-sf', '-o', '/dev/null', '--max-time', '3', `http://${address}/`]);
  const button = (name: string | RegExp) => page.getByRole('button', { name });
  const becomes = (code: number, address: string) =>
    until(
      async () => ((await curl(address)) === code ? true : undefined),
      `curl to ${address} to end with ${code}`,
    );

  async function save(): Promise<void> {
    await button('Save…').click();
    await button('Save and put in force').click();
    await page
      .getByRole('log')
      .getByText(/The list is saved/)
      .last()
      .waitFor();
  }

  test('to enforce an empty list closes the container at once, without a question.', async () => {
    expect(await curl(serverAddress)).toBe(reached);
    await page.getByRole('radio', { name: 'Observe' }).click();
    await page.getByText('Everything may leave').waitFor();
    expect(await curl(serverAddress)).toBe(reached);
    // What was seen is shown, and is what the preview is made from.
    await page.getByRole('rowheader', { name: serverAddress }).waitFor();
    await page.getByRole('radio', { name: 'Enforce' }).click();
    await page.getByText(/^sees( all|, with limits)$/).waitFor();
    expect(await curl(serverAddress)).toBe(refused);
  });

  test('a rule that is none cannot be saved; mended and saved, it lets through just that.', async () => {
    await page.getByRole('radio', { name: 'Allow-list' }).check();
    await button('Add rule').click();
    const target = page.getByRole('textbox', { name: 'Target' });
    await target.fill(`${serverAddress}/33`);
    await page.getByText(/its prefix goes from 0 to 32/).waitFor();
    expect(await button('Save…').isDisabled()).toBe(true);
    await target.fill(serverAddress);
    await page.getByLabel(/^Port of/).fill('80');
    await page.getByLabel(/^Note on/).fill('the web server');
    await page.getByText(/It would have refused 0 of|refused would pass/).waitFor();
    await save();
    await becomes(reached, serverAddress);
    expect(await curl(otherAddress)).toBe(refused);
    await page.getByText(/by the window/).waitFor();
  });

  test('an edit is tried on what was seen before it is saved, and can be undone unsaved.', async () => {
    await page.getByLabel(/^Verdict on/).selectOption('deny');
    await page.getByText(/would have refused 1 of \d+ destination/).waitFor();
    await button('Undo').click();
    await page.getByText(/would have refused 0 of/).waitFor();
    expect(await page.getByLabel(/^Verdict on/).inputValue()).toBe('allow');
    expect(await curl(serverAddress)).toBe(reached);
  });

  test('while it is asked whether to save, no key undoes what is asked about.', async () => {
    const note = page.getByLabel(/^Note on/);
    await note.fill('another note');
    await page.getByText(/would have refused 0 of/).waitFor();
    await button('Save…').click();
    const question = page.getByRole('alertdialog');
    await question.waitFor();
    await page.keyboard.press('Control+z');
    await question.getByRole('button', { name: 'Cancel' }).click();
    expect(await note.inputValue()).toBe('another note');
  });

  test('what is not saved is kept while the person looks elsewhere.', async () => {
    await page.getByRole('navigation').getByRole('button', { name: 'Overview' }).click();
    await page.getByRole('row').filter({ hasText: agent.name }).waitFor();
    await page.getByRole('navigation').getByRole('button', { name: 'Egress' }).click();
    await page.getByRole('list', { name: 'Containers' }).getByText(agent.name).click();
    await page.getByText('There are changes that are not saved.').waitFor();
    await page.getByRole('radio', { name: 'Allow-list' }).check();
    expect(await page.getByLabel(/^Note on/).inputValue()).toBe('another note');
    await button('Undo').click();
    expect(await page.getByLabel(/^Note on/).inputValue()).toBe('the web server');
  });

  test('a rule made from what was refused opens the way to it.', async () => {
    await page.getByRole('radio', { name: 'Who talks to whom' }).check();
    await button(`Allow ${otherAddress}`).click();
    await save();
    await becomes(reached, otherAddress);
    expect(await curl(serverAddress)).toBe(reached);
  });

  test('a chosen rule that the filter hides is not acted on.', async () => {
    const choose = page.getByRole('checkbox', { name: new RegExp(`^Choose ${serverAddress}`) });
    await choose.check();
    await page.getByText('1 rule chosen').waitFor();
    await page.getByLabel('Filter rules').fill(otherAddress);
    await page.getByText('0 rules chosen').waitFor();
    const tools = page.getByRole('group', { name: 'The chosen rules' });
    expect(await tools.getByRole('button', { name: 'Remove' }).isDisabled()).toBe(true);
    await page.getByLabel('Filter rules').fill('');
    await choose.uncheck();
  });

  test('a rule that is removed is enforced against; the change taken back opens it again.', async () => {
    await page.getByLabel('Filter rules').fill(serverAddress);
    await page.getByLabel('All shown').check();
    await button('Remove').last().waitFor();
    await page
      .getByRole('group', { name: 'The chosen rules' })
      .getByRole('button', { name: 'Remove' })
      .click();
    await page.getByLabel('Filter rules').fill('');
    await save();
    await becomes(refused, serverAddress);
    expect(await curl(otherAddress)).toBe(reached);
    await button(/^Take back/).click();
    const question = page.getByRole('alertdialog');
    await question.waitFor();
    expect(await curl(serverAddress)).toBe(refused);
    await question.getByRole('button', { name: 'Take it back' }).click();
    await becomes(reached, serverAddress);
  });

  test('a text that is no list changes nothing, and says in which line.', async () => {
    await button('As text…').click();
    const dialog = page.getByRole('dialog');
    const text = dialog.getByRole('textbox');
    const before = await text.inputValue();
    expect(before).toContain(`"${serverAddress}/32"`);
    await text.fill('sentra-egress: 1\nrules:\n  - { verdict: allow, target: "a b" }\n');
    await dialog.getByRole('button', { name: 'Put in force' }).click();
    await dialog.getByText(/Line 3: .*spaces or control characters/).waitFor();
    expect(await curl(serverAddress)).toBe(reached);
    await text.fill('sentra-egress: 1\n');
    await dialog.getByRole('button', { name: 'Put in force' }).click();
    await dialog.waitFor({ state: 'detached' });
    await becomes(refused, serverAddress);
  });

  test('the wall proves itself in the window.', async () => {
    await button('Prove').click();
    const proof = page.getByRole('list', { name: 'Proof' });
    await proof.waitFor({ timeout: 60_000 });
    expect(await proof.getByText('WRONG').count()).toBe(0);
    expect(await proof.getByText('good', { exact: true }).count()).toBeGreaterThan(2);
  });

  test('a name that was refused is told by its name, and allowed from there.', async () => {
    const network = 'sentra-e2e-names';
    await containers.createNetwork(network);
    const web = ['sh', '-c', 'echo hello >/www/index.html; exec httpd -f -p 80 -h /www'];
    const [caller] = await Promise.all([
      containers.start({ args: ['sleep', '10000'], image: 'debian', network }),
      containers.start({ args: web, network, aliases: ['shop'] }),
    ]);
    const call = (): Promise<number> =>
      caller.exec(['curl', '-sf', '-o', '/dev/null', '--max-time', '3', 'http://shop/']);
    await page.getByRole('list', { name: 'Containers' }).getByText(caller.name).click();
    await page.getByRole('heading', { name: caller.name }).waitFor();
    await page.getByRole('radio', { name: 'Enforce' }).click();
    await page.getByText(/^sees( all|, with limits)$/).waitFor();
    expect(await call()).toBe(refused);
    const row = page
      .getByRole('row')
      .filter({ has: page.getByRole('rowheader', { name: 'shop' }) });
    await row
      .getByText(/^[1-9]/)
      .first()
      .waitFor();
    await row
      .getByText(/^[1-9]\d* asked$/)
      .first()
      .waitFor();
    // A frame past the kernel’s own network code, from a packet socket.
    const frame = 'import socket; s=socket.socket(17,3); s.bind(("eth0",2048)); s.send(bytes(60))';
    await caller.exec(['python3', '-c', frame]);
    await page
      .getByRole('row')
      .filter({ hasText: 'Raw frames' })
      .getByText('1', { exact: true })
      .waitFor();
    await page.getByRole('radio', { name: 'Learn' }).check();
    await page.getByRole('checkbox', { name: /^allow shop/ }).waitFor();
    await page.getByRole('radio', { name: 'Who talks to whom' }).check();
    await button('Allow shop').click();
    await page.getByText(/1 that was refused would pass/).waitFor();
    await save();
    await until(async () => ((await call()) === reached ? true : undefined), 'the shop to open');
    await page.getByRole('radio', { name: 'Observe' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Only observe' }).click();
    await page.getByText('Everything may leave').waitFor();
    await page.getByRole('list', { name: 'Containers' }).getByText(agent.name).click();
    await page.getByRole('heading', { name: agent.name }).waitFor();
  });

  test('taking the wall down asks first; no leaves it standing, yes opens the container.', async () => {
    await page.getByRole('radio', { name: 'Observe' }).click();
    const question = page.getByRole('alertdialog');
    await question.waitFor();
    await question.getByRole('button', { name: 'Cancel' }).click();
    expect(await curl(serverAddress)).toBe(refused);
    await page.getByRole('radio', { name: 'Observe' }).click();
    await question.getByRole('button', { name: 'Only observe' }).click();
    await becomes(reached, serverAddress);
  });
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import { describeWith } from '../engine/capabilities.ts';
import { buildShell, startDesktop, type Desktop } from './desktop.ts';
import { keysOf, type Keys } from './keys.ts';

const policy = `version: 1
mode: observe
rules:
- name: all of it
  when: finding.severity > info
  do: [notify, pause]
`;

describeWith(['chromium'], 'A person who has a keyboard alone', () => {
  let desktop: Desktop;
  let page: Page;
  let keys: Keys;

  beforeAll(async () => {
    buildShell();
    desktop = startDesktop({ monitor: { simulate: true, learnMs: 1000 }, reducedMotion: true });
    page = await desktop.openPage();
    await page.getByRole('row').nth(8).waitFor();
    keys = await keysOf(page);
  }, 240_000);

  afterAll(() => desktop.end());

  const main = () => page.getByRole('main');
  const button = (name: string | RegExp, within: Page | Locator = main()) =>
    within.getByRole('button', { name, exact: typeof name === 'string' });
  const rows = () => page.getByRole('row').filter({ has: page.getByRole('gridcell') });
  const row = (name: string) => rows().filter({ hasText: name });
  const said = (text: string | RegExp) => page.getByRole('log').getByText(text).first().waitFor();

  async function goTo(shortcut: string, title: string): Promise<void> {
    await keys.press(shortcut);
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
  }

  /** Moves down the list until the row of this name has the focus. */
  async function moveTo(name: string): Promise<void> {
    const reached = () =>
      row(name)
        .first()
        .evaluate((element) => element === document.activeElement);
    await keys.tabTo(page.locator('[role="row"][tabindex="0"]'));
    await keys.press('Home');
    for (let step = 0; step < 20 && !(await reached()); step += 1) {
      await keys.press('ArrowDown');
      await page.waitForTimeout(60);
    }
    expect(await reached()).toBe(true);
  }

  async function overview(): Promise<void> {
    await keys.press('/');
    await keys.type('webshop');
    await expect.poll(() => rows().count()).toBe(3);
    await keys.press('Control+a', 'Delete');
    await expect.poll(() => rows().count()).toBe(8);
    await keys.choose('Which containers', 'Held');
    await main().getByText('No container matches').waitFor();
    await keys.enter(button('Show all'));
    await expect.poll(() => rows().count()).toBe(8);
    const head = page.getByRole('columnheader', { name: 'Container' });
    await keys.enter(button('Container', head));
    await expect.poll(() => head.getAttribute('aria-sort')).toBe('ascending');
    await keys.press('Enter');
    await expect.poll(() => head.getAttribute('aria-sort')).toBe('descending');
    expect(await rows().first().innerText()).toContain('webshop-tests-1');
    const legend = page.getByRole('group', { name: 'What the badges mean' });
    await keys.enter(button(/^Sees/));
    await legend.getByText('Network egress').waitFor();
    await keys.press('Escape');
    await legend.waitFor({ state: 'hidden' });
  }

  async function actOnRows(): Promise<void> {
    await moveTo('docs-writer');
    await keys.press('p');
    await said(/Paused docs-writer/);
    await keys.press('p');
    const question = page.getByRole('alertdialog');
    await keys.isWithin(question);
    await keys.press('Escape');
    await question.waitFor({ state: 'detached' });
    await row('docs-writer').getByText('frozen').waitFor();
    await moveTo('docs-writer');
    await keys.press('p');
    await keys.answer(/^(Resume|Release)/);
    await said(/(Resumed|Released) docs-writer/);
    await moveTo('queue');
    await keys.press('n');
    await said(/Cut off queue/);
    await moveTo('webshop-tests-1');
    await keys.press('k');
    await keys.answer('Cancel');
    await row('webshop-tests-1')
      .getByText(/learning|calm|finding/)
      .first()
      .waitFor();
    await keys.enter(button('Kill webshop-tests-1'));
    await keys.answer(/^Kill/);
    await said(/Killed webshop-tests-1/);
  }

  async function container(): Promise<void> {
    await moveTo('docs-writer');
    await keys.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'docs-writer' }).waitFor();
    await keys.choose('Time shown', '1 h');
    await keys.enter(button('List processes'));
    await keys.tabTo(page.getByRole('region', { name: 'Process list' }));
    await keys.press('Alt+ArrowLeft');
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  }

  async function findings(): Promise<void> {
    await goTo('Control+2', 'Findings');
    await keys.choose('Which findings', 'Open');
    const list = page.getByRole('listbox', { name: 'Findings' });
    await list
      .getByRole('option')
      .filter({ hasNotText: 'info' })
      .first()
      .waitFor({ timeout: 120_000 });
    await keys.tabTo(list);
    await keys.press('Home');
    await list.getByRole('option', { selected: true }).waitFor();
    const detail = page.getByRole('article');
    await keys.enter(button('Acknowledge', detail));
    await keys.answer('Yes, learn it as normal');
    await detail.getByText('You said that this is normal.').waitFor();
    await keys.enter(button('Take back', detail));
    await button('Acknowledge', detail).waitFor();
    await keys.enter(button('Mute', detail));
    await keys.choose('For how long', '8 hours');
    await keys.answer('Mute');
    await detail.getByText(/^Muted until .*8.h left/).waitFor();
    await keys.enter(button('Unmute', detail));
    await button('Mute', detail).waitFor();
  }

  async function policyText(): Promise<void> {
    await goTo('Control+3', 'Policy');
    await keys.choose('Part of the policy', 'Text');
    const editor = page.getByRole('textbox', { name: 'Policy text, YAML' });
    await keys.tabTo(editor);
    await keys.press('Control+a');
    await keys.type(policy.replace('observe', 'sometimes'));
    const problem = button(/error.*Line 2/);
    await problem.waitFor();
    await keys.press('Escape');
    await keys.enter(problem);
    await keys.isWithin(editor);
    await keys.press('Control+a');
    await keys.type(policy);
    await page.getByText('No problems.').waitFor();
    await keys.press('Control+s');
    await keys.answer('Save and put in force');
    await said('The policy is saved and in force.');
    await keys.press('Shift+Tab');
    await keys.tabTo(page.getByRole('radio', { name: 'Text' }), true);
    await keys.choose('Part of the policy', 'Preview');
    await keys.choose('How far back', '24 hours');
    await keys.enter(button('Try on the past'));
    await page.getByText(/^Over .*recorded finding/).waitFor();
    await keys.tabTo(page.getByRole('radio', { name: 'Preview' }), true);
    await keys.choose('Part of the policy', 'Versions');
    await keys.enter(
      page
        .getByRole('list', { name: /^Versions/ })
        .getByRole('button')
        .last(),
    );
    await keys.enter(button('Restore…'));
    await keys.answer('Restore it');
    await said('The earlier policy is in force again.');
  }

  async function egress(): Promise<void> {
    await goTo('Control+6', 'Egress');
    await keys.enter(button(/^research-agent-1/, page.getByRole('list', { name: 'Containers' })));
    await keys.choose('Mode of research-agent-1', 'Observe');
    await keys.choose('Part of its egress', 'Allow-list');
    await keys.enter(button('Add rule'));
    await keys.isWithin(page.getByRole('textbox', { name: 'Target' }).last());
    await keys.type('api.example.org');
    await button('Save…').and(page.locator(':enabled')).waitFor();
    await keys.press('Control+s');
    await keys.answer('Save and put in force');
    await said('The list is saved');
    await keys.tabTo(page.getByRole('radio', { name: 'Observe', exact: true }), true);
    await keys.choose('Mode of research-agent-1', 'Enforce');
    await page.getByText('Changing the mode…').waitFor({ state: 'detached' });
    await keys.press('ArrowLeft', 'ArrowLeft');
    await keys.answer('Cancel');
  }

  async function settings(): Promise<void> {
    await goTo('Control+5', 'Settings');
    const record = page.getByRole('region', { name: 'Record' });
    await keys.tabTo(record.getByLabel('Kept for'));
    await keys.press('Control+a');
    await keys.type('90');
    await keys.enter(button('Save…', record));
    await keys.answer('Keep it so');
    await said('The record is kept as you said.');
    await keys.choose('Colours', 'Dark');
    await expect
      .poll(() => page.evaluate(() => document.documentElement.dataset['appearance']))
      .toBe('dark');
    await keys.choose('Colours', 'As the desktop');
  }

  async function firstSteps(): Promise<void> {
    await goTo('Control+4', 'First steps');
    await keys.enter(button('Choose…'));
    await keys.tabTo(page.getByRole('textbox', { name: 'Names' }).first());
    await keys.enter(button('Cancel'));
    await keys.enter(button('Look back over 7 days'));
    await page.getByText(/^Tried on .*recorded finding/).waitFor();
    const enforce = page.getByRole('switch').first();
    await keys.tabTo(enforce);
    await keys.press('Space');
    await expect.poll(() => enforce.getAttribute('aria-checked')).toBe('true');
    await keys.tabTo(enforce);
    await keys.press('Space');
    await keys.answer('Only observe');
    await expect.poll(() => enforce.getAttribute('aria-checked')).toBe('false');
  }

  async function shortcuts(): Promise<void> {
    await keys.press('?');
    const list = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await keys.isWithin(list);
    await keys.press('Escape');
    await list.waitFor({ state: 'detached' });
    const navigation = page.getByRole('navigation').getByRole('button', { name: 'Overview' });
    await keys.enter(navigation);
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  }

  test('reaches and does everything, on every screen.', async () => {
    await overview();
    await actOnRows();
    await container();
    await findings();
    await policyText();
    await egress();
    await settings();
    await firstSteps();
    await shortcuts();
    await keys.expectNoPointer();
  });
});

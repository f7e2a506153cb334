import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { describeWith, engineSocket } from '../engine/capabilities.ts';
import { testContainers, type TestContainer } from '../engine/containers.ts';
import { buildShell, startDesktop, until, type Desktop } from './desktop.ts';

/** Idle until told otherwise, then a whole core: what was learned of it is narrow on that scale. */
const idleThenBusy = 'while [ ! -e /begin ]; do sleep 0.2; done; while :; do :; done';

describeWith(['engine', 'chromium'], 'The page of a container on a real engine', () => {
  const containers = testContainers(engineSocket());
  let desktop: Desktop;
  let page: Page;
  let agent: TestContainer;

  const section = (name: string) => page.getByRole('region', { name });
  const chart = (title: string) => page.getByRole('figure', { name: new RegExp(`^${title}\\.`) });
  const open = () => page.getByRole('gridcell').getByRole('button', { name: agent.name }).first();

  beforeAll(async () => {
    buildShell();
    agent = await containers.start({
      args: ['sh', '-c', idleThenBusy],
      memory: 64 * 1024 * 1024,
      cpus: 0.75,
      pids: 50,
      labels: { team: 'blue' },
      capabilities: ['NET_RAW'],
      hostConfig: { CapDrop: ['MKNOD'], Tmpfs: { '/scratch': '' } },
      ports: { 8080: 0 },
      restart: 'unless-stopped',
    });
    desktop = startDesktop({ monitor: { engine: `unix://${engineSocket()}`, learnMs: 6000 } });
    page = await desktop.openPage();
    await open().click();
    await page.getByRole('heading', { level: 1, name: agent.name }).waitFor();
  }, 240_000);

  afterAll(async () => {
    await desktop.end();
    await containers.removeAll();
  });

  /** The fact of this name under "What Docker says". */
  const fact = async (name: string): Promise<string> =>
    (
      await section('What Docker says')
        .getByRole('term')
        .filter({ hasText: new RegExp(`^${name}$`) })
        .locator('xpath=following-sibling::dd[1]')
        .innerText()
    ).replaceAll('\u202f', ' ');

  test('says what Docker says of it: as it is, and as it was made.', async () => {
    const inspected = await agent.inspect();
    await section('What Docker says').getByText('Asking the engine').waitFor({ state: 'detached' });
    const address = Object.values(inspected.NetworkSettings.Networks)[0]?.IPAddress ?? '';
    expect(address).not.toBe('');
    expect(await fact('State')).toBe('running');
    expect(await fact('Id')).toBe(agent.id.slice(0, 12));
    expect(await fact('Image')).toBe('sentra-test/busybox');
    expect(await fact('Restarts')).toBe('0, policy unless-stopped');
    expect(await fact('CPU limit')).toBe('0.75 cores');
    expect(await fact('Memory limit')).toBe('67.1 MB');
    expect(await fact('Process limit')).toBe('50');
    expect(await fact('Command')).toBe(`sh -c ${idleThenBusy}`);
    expect(await fact('Runs as')).toBe('root');
    expect(await fact('Privileged')).toBe('no');
    expect(await fact('Root files')).toBe('writable');
    expect(await fact('Addresses')).toContain(address);
    expect(await fact('Ports')).toMatch(/:\d+ → 8080\/tcp/);
    expect(await fact('Capabilities')).toMatch(/\+ (CAP_)?NET_RAW\n− (CAP_)?MKNOD/);
    expect(await fact('Health')).toBe('no check');
    expect(await fact('Labels')).toContain('team=blue');
  });

  test('a state that changes is read anew.', async () => {
    await page.getByRole('main').getByRole('button', { name: 'Pause' }).first().click();
    await expect.poll(() => fact('State'), { timeout: 30_000 }).toBe('paused');
    // Frozen and cut off: it has no address any more.
    await expect.poll(() => fact('Addresses'), { timeout: 30_000 }).not.toMatch(/\d+\.\d+\.\d+/);
    await page
      .getByRole('main')
      .getByRole('button', { name: /^(Resume|Release)/ })
      .first()
      .click();
    await page
      .getByRole('alertdialog')
      .getByRole('button', { name: /^(Resume|Release)/ })
      .click();
    await expect.poll(() => fact('State'), { timeout: 30_000 }).toBe('running');
    await expect.poll(() => fact('Addresses'), { timeout: 30_000 }).toMatch(/\d+\.\d+\.\d+/);
  });

  /** How many pixels of the chart have this colour of the styles. */
  const pixels = (title: string, token: string): Promise<number> =>
    chart(title)
      .locator('canvas')
      .evaluate((element, name) => {
        const canvas = element as HTMLCanvasElement;
        const hex = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
        const [red, green, blue] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
        const context = canvas.getContext('2d');
        const { data } = context!.getImageData(0, 0, canvas.width, canvas.height);
        let count = 0;
        for (let at = 0; at < data.length; at += 4) {
          if (data[at] === red && data[at + 1] === green && data[at + 2] === blue) count += 1;
        }
        return count;
      }, token);

  test('shows what was learned as soon as it is, and still when it is narrow on the scale.', async () => {
    await until(
      async () =>
        ((await chart('CPU').getAttribute('aria-label')) ?? '').includes('normal is')
          ? true
          : undefined,
      'what is normal on the page that was open meanwhile',
      120_000,
    );
    expect(await agent.exec(['touch', '/begin'])).toBe(0);
    await chart('CPU')
      .getByText(/0\.[1-7]\d.cores/)
      .waitFor();
    const width = await chart('CPU')
      .locator('canvas')
      .evaluate((element) => (element as HTMLCanvasElement).width);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      // Most of the chart's width: before the container was seen there is no line in front of it.
      await expect
        .poll(() => pixels('CPU', '--chart-band-edge'), { timeout: 20_000 })
        .toBeGreaterThan(width / 2);
    }
  });

  test('writes CPU in the unit of the overview.', async () => {
    await page.getByRole('button', { name: 'Overview' }).click();
    await page
      .getByRole('row')
      .filter({ hasText: agent.name })
      .getByText(/^0\.[1-7]\d.cores$/)
      .waitFor();
    await page.getByText(/^Sentra [\d.]+.cores/).waitFor();
    expect(await page.getByText(/\d.%/).count()).toBe(0);
  });
});

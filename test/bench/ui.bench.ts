import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { buildShell, startDesktop, until, type Desktop } from '../e2e/desktop.ts';
import { firstRow, startBarePage, watchRows, type BarePage, type Paint } from './bare-page.ts';
import { atMost, targetOf, type BenchOptions, type BenchResult } from './result.ts';
import { medianWithInterval } from './statistics.ts';

export const title =
  'What the window costs: its first paint, its scripts with 1,000 rows, its size';
export const needsEngine = false;

const root = join(import.meta.dirname, '../..');
const simulatorEntry = join(root, 'monitor/simulator/process.ts');

/**
 * The real shell, preload and page on the stand-in for Electron, in Chromium without a screen, over
 * a simulated engine of 1,000 containers; of 100 in the short form, without targets for what
 * hangs on their number.
 */
export async function run({ short, signal, say }: BenchOptions): Promise<{
  readonly results: readonly BenchResult[];
}> {
  const containers = short ? 100 : 1000;
  buildShell();
  const folder = mkdtempSync(join(tmpdir(), 'sentra-ui-'));
  const socket = join(folder, 'engine.sock');
  let simulator: ChildProcess | undefined;
  let desktop: Desktop | undefined;
  let bare: BarePage | undefined;
  try {
    simulator = await startSimulator(socket, containers, signal);
    desktop = startDesktop({ monitor: { engine: `unix://${socket}` }, keepClosedMs: 0 });
    const first = await desktop.openPage();
    await first.getByRole('row').nth(1).waitFor();
    await watchRows(first);
    bare = await startBarePage(join(root, 'dist', 'app', 'preload', 'index.cjs'));
    const paints: Paint[] = [];
    const barePaints: Paint[] = [];
    for (let round = 0; round < (short ? 3 : 15); round += 1) {
      signal.throwIfAborted();
      paints.push(await paintAgain(desktop));
      barePaints.push(await bare.paint());
    }
    const whole = medianWithInterval(paints.map(({ askedMs }) => askedMs));
    const ofPage = medianWithInterval(paints.map(({ navigatedMs }) => navigatedMs));
    const ofBare = medianWithInterval(barePaints.map(({ askedMs }) => askedMs));
    const page = await desktop.openPage();
    await page.getByRole('row').nth(1).waitFor();
    await delay(short ? 2_000 : 15_000, undefined, { signal });
    const shown = await page.getByRole('grid').first().innerText();
    const scripting = medianWithInterval(
      await scriptingMsPerSecond(page, short ? 3 : 12, short ? 1_000 : 5_000, signal),
    );
    if ((await page.getByRole('grid').first().innerText()) === shown) {
      throw new Error('The figures of the list stood still: there was nothing to be measured.');
    }
    const rows = Number(await page.getByRole('grid').first().getAttribute('aria-rowcount'));
    say(`The list says it has ${rows} rows; ${await page.getByRole('row').count()} are drawn.`);
    if (rows < containers) throw new Error(`Only ${rows} of ${containers} rows were there.`);
    const kills: Recovery[] = [];
    for (let round = 0; round < (short ? 1 : 5); round += 1) {
      signal.throwIfAborted();
      kills.push(await killMonitor(desktop, page));
    }
    const told = kills.map(({ toldMs }) => toldMs);
    const target = (figure: string) => (short ? null : targetOf('ui', figure));
    return {
      results: [
        atMost('window to first meaningful paint', whole, 'ms', target('first meaningful paint')),
        atMost('of that, from the navigation on', ofPage, 'ms', null),
        atMost('a page with two rows and nothing else', ofBare, 'ms', null),
        atMost('scripting with all rows live', scripting, 'ms/s', target('scripting')),
        {
          ...atMost(
            'monitor killed, until the window says so, longest',
            { value: Math.max(...told) },
            'ms',
            target('killed monitor told'),
          ),
          n: told.length,
        },
        atMost(
          'and until its rows are live again',
          medianWithInterval(kills.map(({ wholeMs }) => wholeMs)),
          'ms',
          null,
        ),
        atMost('bundle gzipped', { value: bundleKilobytes() }, 'KB', targetOf('ui', 'bundle')),
      ],
    };
  } finally {
    await bare?.close();
    await desktop?.end();
    if (simulator !== undefined && simulator.exitCode === null) {
      simulator.kill('SIGTERM');
      await once(simulator, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startSimulator(
  socket: string,
  containers: number,
  signal: AbortSignal,
): Promise<ChildProcess> {
  const simulator = spawn(
    process.execPath,
    [simulatorEntry, '--socket', socket, '--containers', String(containers)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(simulator.stdout, 'data', {
    signal: AbortSignal.any([signal, AbortSignal.timeout(60_000)]),
  });
  return simulator;
}

/**
 * Milliseconds from asking for the window, none being there, to the frame in which a container's row
 * stands in it. Chromium runs already: in Electron it is the app itself.
 */
async function paintAgain(desktop: Desktop): Promise<Paint> {
  desktop.windows[0]?.closeByPerson();
  await until(() => (desktop.windows.length === 0 ? true : undefined), 'the end of the window');
  const asked = Date.now();
  desktop.app.startSecond([]);
  const window = await until(() => desktop.windows[0], 'a window');
  return firstRow(await window.page, asked);
}

/** Milliseconds from the end of the monitor on. */
interface Recovery {
  readonly toldMs: number;
  readonly wholeMs: number;
}

/** Kills the monitor behind the open window, and waits until the window is whole again by itself. */
async function killMonitor(desktop: Desktop, page: Page): Promise<Recovery> {
  const [monitor] = desktop.children.pids('sentra-monitor');
  if (monitor === undefined) throw new Error('No monitor runs.');
  const notice = page.getByText('Monitoring stopped; it is being started again');
  const told = notice.waitFor({ timeout: 30_000 });
  const killedAt = performance.now();
  process.kill(monitor, 'SIGKILL');
  await told;
  const toldMs = performance.now() - killedAt;
  await notice.waitFor({ state: 'detached', timeout: 60_000 });
  const rows = page.getByRole('grid').first();
  const shown = await rows.innerText();
  while ((await rows.innerText()) === shown) await delay(50);
  return { toldMs, wholeMs: performance.now() - killedAt };
}

/** Milliseconds of script a second, as Chromium counts them, interval by interval. */
async function scriptingMsPerSecond(
  page: Page,
  rounds: number,
  intervalMs: number,
  signal: AbortSignal,
): Promise<number[]> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const read = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    const of = (name: string) =>
      metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
    return { script: of('ScriptDuration'), at: of('Timestamp') };
  };
  const shares: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const before = await read();
    await delay(intervalMs, undefined, { signal });
    const after = await read();
    shares.push((1000 * (after.script - before.script)) / (after.at - before.at));
  }
  await session.detach();
  return shares;
}

/** What the page and the preload weigh, each file gzipped, in kilobytes of 1,024 bytes. */
function bundleKilobytes(): number {
  const built = join(root, 'dist', 'app');
  const files = ['renderer', 'preload'].flatMap((part) =>
    readdirSync(join(built, part), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  return files.reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0) / 1024;
}

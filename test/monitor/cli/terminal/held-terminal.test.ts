import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { patience, startWatch, watchesOn } from './watch-process.ts';
import type { WatchProcess } from './watch-process.ts';

const watches: WatchProcess[] = [];

afterEach(async () => {
  for (const watch of watches.splice(0)) await watch.close();
});

/** A watch on a terminal of its own, with what was shown there so far. */
interface OnTerminal extends WatchProcess {
  shown(): string;
  type(keys: string): void;
}

const keys = { stop: '\u0013', goOn: '\u0011', interrupt: '\u0003' };
const backToShell = '\u001b[?25h\u001b[?1049l';

/** `script` makes the terminal, and hands on what is typed and what is shown. */
function onTerminal(words: readonly string[]): OnTerminal {
  const line = ['sh', '-c', 'exec script -qefc "exec $*" /dev/null', 'sh'];
  const watch = startWatch(words, ['pipe', 'pipe', 'inherit'], line);
  watches.push(watch);
  let shown = '';
  watch.child.stdout?.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  return {
    ...watch,
    shown: () => shown,
    type: (text) => void watch.child.stdin?.write(text),
  };
}

describe.runIf(process.platform === 'linux')('A terminal that takes no output', () => {
  test('holds up its table only: the monitor watches on, and the newest table comes after it.', async () => {
    const watch = onTerminal([]);
    const client = await watch.connect();
    await vi.waitFor(() => expect(watch.shown()).toContain('SIMULATED'), patience);
    watch.type(keys.stop);
    const held = await untilStill(watch);
    await watchesOn(client, 5000);
    expect(watch.shown()).toBe(held);
    watch.type(keys.goOn);
    await vi.waitFor(() => expect(watch.shown().length).toBeGreaterThan(held.length), patience);
    // What was not shown for eight seconds is not made up for.
    expect(watch.shown().slice(held.length).split('\u001b[?2026h').length).toBeLessThan(6);
    client.close();
    watch.type(keys.interrupt);
    expect(await watch.exit).toBe(0);
  }, 120_000);

  test('is given back by Ctrl-C, with what the watch came to.', async () => {
    const watch = onTerminal([]);
    const client = await watch.connect();
    await vi.waitFor(() => expect(watch.shown()).toContain('SIMULATED'), patience);
    watch.type(keys.stop);
    await untilStill(watch);
    await watchesOn(client, 1000);
    client.close();
    watch.type(keys.interrupt);
    expect(await watch.exit).toBe(0);
    expect(watch.shown()).toContain(backToShell);
    expect(watch.shown().split(backToShell).at(-1)).toContain('Watched');
  }, 120_000);

  test('since nobody is at its other end holds nothing up, and no end either.', async () => {
    const watch = onTerminal(['--json']);
    const client = await watch.connect();
    const monitor = await watch.pid();
    watch.child.kill('SIGSTOP');
    try {
      await watchesOn(client, 12_000);
      client.close();
      process.kill(monitor, 'SIGTERM');
      await vi.waitFor(() => expect(isRunning(monitor)).toBe(false), patience);
    } finally {
      watch.child.kill('SIGCONT');
    }
    expect(await watch.exit).toBe(0);
  }, 120_000);
});

/** What is shown once nothing more has come for two seconds: what was on its way has arrived. */
function untilStill(watch: OnTerminal): Promise<string> {
  let [shown, since] = [watch.shown(), performance.now()];
  return vi.waitFor(() => {
    if (watch.shown() !== shown) [shown, since] = [watch.shown(), performance.now()];
    expect(performance.now() - since).toBeGreaterThan(2000);
    return shown;
  }, patience);
}

/** Whether a process does anything still: one that has ended may wait for whoever started it. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

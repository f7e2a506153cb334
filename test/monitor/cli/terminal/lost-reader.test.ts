import { afterEach, expect, test, vi } from 'vitest';
import { patience, startWatch, watchesOn } from './watch-process.ts';
import type { WatchProcess } from './watch-process.ts';

const watches: WatchProcess[] = [];

afterEach(async () => {
  for (const watch of watches.splice(0)) await watch.close();
});

function started(...how: Parameters<typeof startWatch>): WatchProcess {
  const watch = startWatch(...how);
  watches.push(watch);
  return watch;
}

async function problemsOf(client: Awaited<ReturnType<WatchProcess['connect']>>): Promise<number> {
  const snapshot = await client.snapshot();
  if (!snapshot.ok) throw new Error(snapshot.error.message);
  return snapshot.value.policy.problems.length;
}

test('A monitor watches on when nobody reads its log any more, and ends as it is told to.', async () => {
  const watch = started(['--json'], ['ignore', 'pipe', 'pipe']);
  watch.child.stdout?.resume();
  const client = await watch.connect();
  watch.child.stderr?.destroy();
  watch.breakPolicy();
  await vi.waitFor(async () => expect(await problemsOf(client)).toBeGreaterThan(0), patience);
  await watchesOn(client, 2000);
  client.close();
  watch.child.kill('SIGTERM');
  expect(await watch.exit).toBe(0);
}, 120_000);

test('Whoever has read enough of a watch, log and all, ends it cleanly.', async () => {
  const line = '"$@" 2>&1 | head -1; exit "${PIPESTATUS[0]}"';
  const watch = started([], ['ignore', 'pipe', 'inherit'], ['bash', '-c', line, 'bash']);
  watch.child.stdout?.resume();
  expect(await watch.exit).toBe(0);
}, 120_000);

test.runIf(process.platform === 'linux')(
  'A monitor whose output goes to the journal of the system watches on when that is lost.',
  async () => {
    // As systemd tells a service that its output is the journal's.
    const line = 'export JOURNAL_STREAM="$(stat -Lc %d:%i /proc/$$/fd/1)"; exec "$@"';
    const watch = started([], ['ignore', 'pipe', 'pipe'], ['sh', '-c', line, 'sh']);
    const client = await watch.connect();
    watch.child.stdout?.destroy();
    watch.child.stderr?.destroy();
    watch.breakPolicy();
    await vi.waitFor(async () => expect(await problemsOf(client)).toBeGreaterThan(0), patience);
    await watchesOn(client, 12_000);
    client.close();
    watch.child.kill('SIGTERM');
    expect(await watch.exit).toBe(0);
  },
  120_000,
);

import { spawn, type ChildProcess } from 'node:child_process';
import { afterEach, expect, test } from 'vitest';
import { measureOwnCost } from '../../../monitor/pipeline/own-cost.ts';
import { costOfProcess } from '../../../monitor/pipeline/process-cost.ts';

const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A process that uses as much of a core as it gets. */
function startBusy(): number {
  const child = spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' });
  children.push(child);
  if (child.pid === undefined) throw new Error('No shell.');
  return child.pid;
}

test.skipIf(process.platform !== 'linux')(
  'a process that works for Sentra is counted with it, and its end takes nothing away',
  async () => {
    let now = 0;
    let companions: readonly number[] = [];
    const alone = measureOwnCost(() => now);
    const cost = measureOwnCost(
      () => now,
      () => companions,
    );
    const busy = startBusy();
    companions = [busy];
    const deadline = Date.now() + 20_000;
    while ((costOfProcess(busy)?.cpuMicroseconds ?? 0) < 300_000) {
      if (Date.now() > deadline) throw new Error('The busy process was not given any CPU.');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    now = 10_000;
    const without = alone.read();
    const together = cost.read();
    // 300 ms of CPU time or more in what is called ten seconds.
    expect(together.cpuCores - without.cpuCores).toBeGreaterThan(0.025);
    expect(together.residentBytes).toBeGreaterThan(without.residentBytes);

    for (const child of children.splice(0)) child.kill('SIGKILL');
    companions = [];
    now = 20_000;
    expect(cost.read().cpuCores).toBeGreaterThan(0.012);
  },
);

test('of a process that is not there nothing is told', () => {
  expect(costOfProcess(2 ** 30)).toBeUndefined();
});

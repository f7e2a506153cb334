import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { findWallProgram } from '../../../../monitor/egress/wall/wall-program.ts';
import { describeWith } from '../../../engine/capabilities.ts';

describeWith(['kernel-sensor', 'root'], 'The program that holds connections', () => {
  test('waits for everything again after it was stopped and goes on.', async () => {
    const path = findWallProgram('sentra-holds');
    if (!path.ok) throw new Error(path.error);
    const child = spawn(path.value, { stdio: ['pipe', 'ignore', 'ignore'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    /** The number of the system call that it waits in. */
    const inCall = (): string =>
      readFileSync(`/proc/${child.pid ?? 0}/syscall`, 'utf8').split(' ')[0] ?? '';
    await expect.poll(inCall).toMatch(/^\d+$/);
    const waiting = inCall();
    // The last that happened was a line of the input, here about a network that it does not know.
    child.stdin.write('- 1\n');
    await delay(200);
    expect(inCall()).toBe(waiting);
    child.kill('SIGSTOP');
    await delay(200);
    child.kill('SIGCONT');
    await delay(200);
    expect(inCall()).toBe(waiting);
  });
});

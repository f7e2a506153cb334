import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startMonitor } from '../../monitor/monitor.ts';
import { makeFolder } from '../../monitor/runtime/make-folder.ts';
import { demoPlan } from '../../monitor/simulator/demo-plan.ts';
import { startSimulator, type Simulator } from '../../monitor/simulator/simulator.ts';
import { watchWithStateAt } from './state-place.ts';

const folder = mkdtempSync(join(tmpdir(), 'sentra-places-'));
const engine = join(folder, 'engine.sock');
let simulator: Simulator;

beforeAll(async () => {
  writeFileSync(join(folder, 'file'), 'not a folder');
  symlinkSync(join(folder, 'nowhere', 'deep'), join(folder, 'dangling'));
  symlinkSync(join(folder, 'loop'), join(folder, 'loop'));
  const plan = demoPlan(3, { firstIncidentAfterSeconds: 100_000 });
  simulator = await startSimulator({ socketPath: engine, plan, seed: 3 });
});

afterAll(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('A monitor that cannot keep its state where it is told to says so at once, and ends', () => {
  test.each([
    ['on a device', '/dev/null/sentra', '/dev/null is not a folder'],
    ['in a file', join(folder, 'file', 'a'), `${join(folder, 'file')} is not a folder`],
    ['below a dangling link', join(folder, 'dangling', 'a'), 'link to a place that is not there'],
    ['below a link to itself', join(folder, 'loop'), 'ELOOP'],
  ])('%s.', async (_, stateFolder, sentence) => {
    const controlFolder = join(folder, 'control');
    makeFolder(controlFolder, 0o700);
    const started = await startMonitor({
      engine: `unix://${engine}`,
      policyFile: undefined,
      learnMs: undefined,
      intervalMs: undefined,
      stateFolder,
      controlFolder,
      simulate: false,
      byApi: false,
    });
    expect(started).toMatchObject({
      ok: false,
      error: {
        kind: 'failed',
        message: expect.stringContaining(sentence) as unknown,
        advice: expect.stringContaining('does not watch without a record.') as unknown,
      },
    });
  });

  // Node's own recursive mkdir never comes back from there, so that this takes a process to end.
  test.runIf(process.platform === 'linux')('in /proc.', async () => {
    const ended = await Promise.all([
      watchWithStateAt({ engine, own: join(folder, 'own'), record: '/proc/self/a/b' }),
      watchWithStateAt({ engine, own: '/proc/sentra' }),
    ]);
    expect(ended.map(({ code }) => code)).toEqual([1, 1]);
    const [record, lock] = ended.map(({ said }) => said);
    expect(record).toMatch(/\/proc\/\w+ is no place where folders can be made/);
    expect(lock).toContain('/proc is no place where folders can be made');
  });
});

test('A folder is made with those above it, once, with its mode, through links that lead somewhere.', () => {
  symlinkSync(folder, join(folder, 'to-itself'));
  const made = join(folder, 'to-itself', 'one', 'two');
  makeFolder(made, 0o700);
  makeFolder(made, 0o755);
  expect(statSync(join(folder, 'one', 'two')).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, 'one')).mode & 0o777).toBe(0o700);
});

test('Several who make the same folders at once all have them.', async () => {
  const script = `
    import { workerData } from 'node:worker_threads';
    const { makeFolder } = await import(workerData.module);
    while (Date.now() < workerData.at);
    for (let each = 0; each < 300; each += 1) makeFolder(workerData.folder + '/' + each + '/a', 0o700);
  `;
  const module = new URL('../../monitor/runtime/make-folder.ts', import.meta.url).href;
  const workerData = { module, at: Date.now() + 1_000, folder: join(folder, 'race') };
  const url = new URL(`data:text/javascript,${encodeURIComponent(script)}`);
  const ended = Array.from({ length: 4 }, () => once(new Worker(url, { workerData }), 'exit'));
  expect(await Promise.all(ended)).toEqual([[0], [0], [0], [0]]);
});

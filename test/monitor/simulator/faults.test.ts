import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { agent, clientOf, history, Lines, openStage, refusal, statsShape } from './stage.ts';

const everything = { filters: JSON.stringify({ type: ['container'] }) };

/** Whether a promise is settled after the engine has answered something else. */
async function isSettled(
  promise: Promise<unknown>,
  turn: () => Promise<unknown>,
): Promise<boolean> {
  let settled = false;
  const note = (): void => {
    settled = true;
  };
  promise.then(note, note);
  await turn();
  await turn();
  return settled;
}

test('a dropped event stream ends in an error, and nothing is lost to those who ask again', async () => {
  await using stage = await openStage([agent('coder')]);
  const stream = await stage.docker.getEvents(everything);
  const failed = new Promise<Error>((resolve) => stream.once('error', resolve));
  stream.resume();
  expect(stage.simulator.faults.cutStreams('events')).toBe(1);
  expect((await failed).message).toBe('aborted');
  await stage.docker.getContainer('coder').pause();
  expect((await history(stage)).at(-1)?.Action).toBe('pause');
});

test('a stalled engine accepts and never answers, its streams fall silent without closing', async () => {
  await using stage = await openStage([agent('coder')]);
  const lines = new Lines(await stage.docker.getContainer('coder').stats({ stream: true }));
  await stage.simulator.advance(1_000);
  expect(await lines.next()).toBeDefined();
  const end = stage.simulator.faults.inject({ kind: 'stall', operations: ['stats', 'inspect'] });
  const inspected = stage.docker.getContainer('coder').inspect();
  expect(await isSettled(inspected, () => stage.docker.ping())).toBe(false);
  await stage.simulator.advance(3_000);
  end();
  await stage.simulator.advance(1_000);
  expect(await lines.next()).toContain('"read":"2026-01-01T00:00:05Z"');
  lines.close();
  inspected.catch(() => undefined);
});

for (const form of ['bad-json', 'wrong-types', 'missing-fields'] as const) {
  test(`garbage (${form}) in a stream is one line among good ones`, async () => {
    await using stage = await openStage([agent('coder')]);
    const lines = new Lines(await stage.docker.getContainer('coder').stats({ stream: true }));
    stage.simulator.faults.inject({ kind: 'garbage', form, operations: ['stats'], times: 1 });
    await stage.simulator.advance(2_000);
    const bad = (await lines.next()) ?? '';
    if (form === 'bad-json') expect(() => JSON.parse(bad) as unknown).toThrow();
    else expect(statsShape.safeParse(JSON.parse(bad)).success).toBe(false);
    const good: unknown = JSON.parse((await lines.next()) ?? '');
    expect(statsShape.safeParse(good).success).toBe(true);
    lines.close();
  });
}

test('an answer can be cut, refused, late, or a lie', async () => {
  await using stage = await openStage([agent('coder'), agent('other')]);
  const { faults } = stage.simulator;
  const coder = stage.docker.getContainer('coder');
  faults.inject({ kind: 'cut', operations: ['inspect'], times: 1 });
  await expect(coder.inspect()).rejects.toThrow('socket hang up');
  const refuse = { kind: 'refuse', status: 500, message: 'freezer is broken' } as const;
  faults.inject({ ...refuse, operations: ['pause'], container: 'coder', times: 1 });
  await stage.docker.getContainer('other').pause();
  expect(await refusal(coder.pause())).toEqual({ status: 500, message: 'freezer is broken' });
  faults.inject({ kind: 'pretend', operations: ['pause'], times: 1 });
  await coder.pause();
  expect((await coder.inspect()).State.Paused).toBe(false);
  faults.inject({ kind: 'slow', delayMs: 80, operations: ['pause'] });
  const begun = performance.now();
  await coder.pause();
  expect(performance.now() - begun).toBeGreaterThan(75);
  faults.clear();
  expect((await coder.inspect()).State.Paused).toBe(true);
});

test('an engine that is gone refuses connections, and is back with its containers', async () => {
  await using stage = await openStage([agent('coder')]);
  const { faults } = stage.simulator;
  const id = stage.simulator.idOf('coder');
  await stage.docker.getContainer('coder').pause();
  const stream = await stage.docker.getEvents(everything);
  const closed = new Promise((resolve) => stream.once('close', resolve));
  stream.on('error', () => undefined).resume();
  await faults.stopEngine();
  await closed;
  await expect(stage.docker.ping()).rejects.toThrow('ENOENT');
  await faults.startEngine();
  const [listed] = await clientOf(stage.simulator).listContainers();
  expect(listed).toMatchObject({ Id: id, State: 'paused' });
  expect(await history(stage)).toEqual([]);
});

test('a crashed engine leaves its socket behind', async () => {
  await using stage = await openStage([agent('coder')]);
  await stage.simulator.faults.stopEngine({ leaveSocket: true });
  const code = await new Promise((resolve) => {
    const probe = connect(stage.simulator.socketPath);
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
  });
  expect(code).toBe('ECONNREFUSED');
  await stage.simulator.faults.startEngine();
  await stage.docker.ping();
});

test('a stopping engine thaws what is paused for its time, and starts what its policy says', async () => {
  const always = { name: 'always', maximumRetryCount: 0 } as const;
  await using stage = await openStage([
    agent('stubborn', { agent: 'busy', onTerminate: 'ignores' }),
    agent('steady', { restartPolicy: always }),
  ]);
  const { simulator, docker } = stage;
  await docker.getContainer('stubborn').pause();
  await simulator.faults.stopEngine({ containers: 'stop' });
  await simulator.advance(9_000);
  await simulator.faults.startEngine();
  const stubborn = docker.getContainer('stubborn');
  expect((await stubborn.inspect()).State.Status).toBe('running');
  await simulator.advance(1_000);
  expect((await stubborn.inspect()).State).toMatchObject({ Status: 'exited', ExitCode: 137 });
  expect((await docker.getContainer('steady').inspect()).State.Status).toBe('running');
});

test('a reader that is too slow loses lines, and the loss is counted', async () => {
  await using stage = await openStage([agent('coder')]);
  const stream = await stage.docker.getEvents(everything);
  stream.pause();
  await stage.simulator.faults.burst(40_000);
  expect(stage.simulator.droppedLines()).toBeGreaterThan(1_000);
  stream.on('error', () => undefined);
  stage.simulator.faults.cutStreams('events');
});

import { expect, test } from 'vitest';
import { actionsOf, agent, look, openStage, refusal } from './stage.ts';

test('a paused container uses no CPU, moves no bytes, and goes on afterwards', async () => {
  await using stage = await openStage([agent('coder', { agent: 'busy' })]);
  const container = stage.docker.getContainer('coder');
  await stage.simulator.advance(5_300);
  await container.pause();
  const frozen = await look(stage, 'coder');
  await stage.simulator.advance(10_000);
  const later = await look(stage, 'coder');
  expect(frozen.cpu_stats.cpu_usage.total_usage).toBeGreaterThan(4.5e9);
  expect(later.cpu_stats.cpu_usage).toEqual(frozen.cpu_stats.cpu_usage);
  expect(later.networks).toEqual(frozen.networks);
  expect(later.memory_stats).toEqual(frozen.memory_stats);
  expect(later.cpu_stats.system_cpu_usage).toBeGreaterThan(frozen.cpu_stats.system_cpu_usage ?? 0);
  expect((await container.inspect()).State.Status).toBe('paused');
  await container.unpause();
  await stage.simulator.advance(2_000);
  const moving = await look(stage, 'coder');
  expect(moving.cpu_stats.cpu_usage.total_usage).toBeGreaterThan(
    frozen.cpu_stats.cpu_usage.total_usage + 1.8e9,
  );
});

test('what cannot be paused or thawed is refused with the words of Docker', async () => {
  await using stage = await openStage([agent('coder'), agent('spare', { created: true })]);
  const coder = stage.docker.getContainer('coder');
  const id = stage.simulator.idOf('coder');
  await coder.pause();
  expect(await refusal(coder.pause())).toEqual({
    status: 409,
    message: `Container ${id} is already paused`,
  });
  expect(await refusal(coder.start())).toMatchObject({ status: 409 });
  await coder.unpause();
  expect(await refusal(coder.unpause())).toEqual({
    status: 500,
    message: `Container ${id} is not paused`,
  });
  expect(await refusal(coder.start())).toMatchObject({ status: 304 });
  const spare = stage.docker.getContainer('spare');
  expect(await refusal(spare.pause())).toMatchObject({ status: 409 });
  expect(await refusal(spare.kill())).toMatchObject({ status: 409 });
  expect(await refusal(spare.stop())).toMatchObject({ status: 304 });
  expect(await refusal(spare.top())).toMatchObject({ status: 409 });
  expect(await refusal(stage.docker.getContainer('nobody').pause())).toEqual({
    status: 404,
    message: 'No such container: nobody',
  });
});

test('SIGKILL takes a paused container without a moment of freedom, and holds its restart down', async () => {
  const restartPolicy = { name: 'always', maximumRetryCount: 0 } as const;
  await using stage = await openStage([agent('coder', { restartPolicy, onTerminate: 'ignores' })]);
  const container = stage.docker.getContainer('coder');
  await container.pause();
  await container.kill({ signal: 'SIGKILL' });
  await stage.simulator.advance(120_000);
  const { State } = await container.inspect();
  expect(State).toMatchObject({ Status: 'exited', Running: false, Pid: 0, ExitCode: 137 });
  const actions = await actionsOf(stage, 'coder');
  expect(actions.slice(-4)).toEqual(['pause', 'kill', 'die', 'network disconnect']);
});

test('stop thaws a paused container, which runs on until its time is over', async () => {
  await using stage = await openStage([agent('coder', { agent: 'busy', onTerminate: 'ignores' })]);
  const container = stage.docker.getContainer('coder');
  await container.pause();
  const stopped = container.stop({ t: 10 });
  // The call is answered only when the container has ended.
  while ((await container.inspect()).State.Paused) await stage.simulator.advance(0);
  await stage.simulator.advance(9_900);
  expect((await look(stage, 'coder')).cpu_stats.cpu_usage.total_usage).toBeGreaterThan(9e9);
  expect((await container.inspect()).State.Running).toBe(true);
  await stage.simulator.advance(100);
  await stopped;
  expect((await container.inspect()).State).toMatchObject({ Status: 'exited', ExitCode: 137 });
  const tail = ['pause', 'kill', 'unpause', 'kill', 'die', 'network disconnect', 'stop'];
  expect((await actionsOf(stage, 'coder')).slice(-7)).toEqual(tail);
});

test('a process that heeds SIGTERM ends at once, and a restart brings a new one', async () => {
  await using stage = await openStage([agent('coder')]);
  const container = stage.docker.getContainer('coder');
  const before = await container.inspect();
  const restarted = container.restart();
  await expect
    .poll(async () => {
      await stage.simulator.advance(100);
      return (await actionsOf(stage, 'coder')).at(-1);
    })
    .toBe('restart');
  await restarted;
  const after = await container.inspect();
  expect(after.State.Running).toBe(true);
  expect(after.State.Pid).not.toBe(before.State.Pid);
  expect(after.State.StartedAt).not.toBe(before.State.StartedAt);
  expect((await look(stage, 'coder')).cpu_stats.cpu_usage.total_usage).toBeLessThan(1e9);
});

test('the restart policy brings an ended container back, later and later', async () => {
  const restartPolicy = { name: 'on-failure', maximumRetryCount: 3 } as const;
  await using stage = await openStage([agent('coder', { restartPolicy })]);
  const container = stage.docker.getContainer('coder');
  for (const delay of [100, 200, 400]) {
    stage.simulator.exit('coder', 1);
    await stage.simulator.advance(delay - 1);
    expect((await container.inspect()).State).toMatchObject({
      Status: 'restarting',
      Running: true,
      Restarting: true,
      ExitCode: 1,
    });
    expect(await refusal(container.pause())).toMatchObject({ status: 409 });
    await stage.simulator.advance(1);
    expect((await container.inspect()).State.Status).toBe('running');
  }
  expect((await container.inspect()).RestartCount).toBe(3);
  stage.simulator.exit('coder', 1);
  await stage.simulator.advance(120_000);
  expect((await container.inspect()).State.Status).toBe('exited');
});

test('a container between two runs can be killed, and stays down', async () => {
  const restartPolicy = { name: 'always', maximumRetryCount: 0 } as const;
  await using stage = await openStage([agent('coder', { restartPolicy })]);
  stage.simulator.exit('coder', 3);
  const container = stage.docker.getContainer('coder');
  await container.kill();
  await stage.simulator.advance(120_000);
  expect((await container.inspect()).State).toMatchObject({ Status: 'exited', ExitCode: 3 });
});

test('a re-created container has the name, image and labels of the old one, and another id', async () => {
  const labels = { 'com.docker.compose.service': 'coder' };
  await using stage = await openStage([agent('coder', { labels })]);
  const old = stage.simulator.idOf('coder');
  const id = stage.simulator.recreate('coder');
  expect(id).not.toBe(old);
  const [listed, ...others] = await stage.docker.listContainers({ all: true });
  expect(others).toEqual([]);
  expect(listed).toMatchObject({ Id: id, Names: ['/coder'], Image: 'agent:1', Labels: labels });
  expect(await refusal(stage.docker.getContainer(old).inspect())).toMatchObject({ status: 404 });
});

test('update sets limits and policy, and cannot make a limit absent again', async () => {
  await using stage = await openStage([agent('coder', { agent: 'busy' })], { cpus: 2 });
  const container = stage.docker.getContainer('coder');
  await container.update({ NanoCpus: 250_000_000, PidsLimit: 64, Memory: 2 ** 31 });
  await container.update({ RestartPolicy: { Name: 'no' }, NanoCpus: 0, Memory: 0 });
  const { HostConfig } = await container.inspect();
  expect(HostConfig).toMatchObject({ NanoCpus: 250_000_000, PidsLimit: 64, Memory: 2 ** 31 });
  const before = await look(stage, 'coder');
  await stage.simulator.advance(10_000);
  const after = await look(stage, 'coder');
  const used = after.cpu_stats.cpu_usage.total_usage - before.cpu_stats.cpu_usage.total_usage;
  expect(used).toBeCloseTo(2.5e9, -3);
  expect(after.cpu_stats.throttling_data.throttled_periods).toBeGreaterThan(50);
  expect(after.pids_stats.limit).toBe(64);
  expect(after.memory_stats.limit).toBe(2 ** 31);
  expect(await refusal(container.update({ Memory: -1 }))).toEqual({
    status: 400,
    message: 'Minimum memory limit allowed is 6MB',
  });
  expect(await refusal(container.update({ NanoCpus: 3e9 }))).toMatchObject({ status: 400 });
  expect(await refusal(container.update({ CpuQuota: 50_000 }))).toMatchObject({ status: 409 });
  const bogus = container.update({ RestartPolicy: { Name: 'sometimes' } });
  expect(await refusal(bogus)).toMatchObject({ status: 400 });
});

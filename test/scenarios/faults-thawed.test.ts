import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Action } from '../../monitor/model/action.ts';
import { describeWith } from '../engine/capabilities.ts';
import { testContainers, type TestContainer, type TestContainers } from '../engine/containers.ts';
import { demand } from '../engine/engine-http.ts';
import { startPrivateEngine, type PrivateEngine } from '../engine/private-engine.ts';
import { eventually, openWatch, type Watch } from './watch.ts';

const stopSeconds = 4;

/** CPU time of the process and of its children that have ended; undefined when it is gone. */
function cpuSecondsOf(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // utime to cstime, fields 14 to 17 of proc(5); the list begins at field 3. 100 ticks a second.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) / 100, 0);
  } catch {
    // It was killed between two looks.
    return undefined;
  }
}

describeWith(['engine', 'root'], 'A contained container that ignores SIGTERM', () => {
  let engine: PrivateEngine;
  let containers: TestContainers;
  let watch: Watch;
  let stubborn: TestContainer;
  let server: Server;
  /** When it called home. */
  const calls: number[] = [];

  beforeAll(async () => {
    engine = await startPrivateEngine();
    containers = testContainers(engine.socketPath);
    server = createServer((socket) => {
      calls.push(Date.now());
      socket.on('error', () => socket.destroy());
      socket.end('ok');
    }).listen(0, '0.0.0.0');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    // Computes, and calls home four times a second.
    const script = `trap '' TERM; while :; do nc -w 1 ${engine.hostAddress} ${port} < /dev/null > /dev/null; i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; sleep 0.2; done`;
    stubborn = await containers.start({
      args: ['sh', '-c', script],
      restart: 'always',
      stopTimeout: stopSeconds,
    });
    watch = await openWatch({ engine: engine.host });
    await eventually('it calls home', () => calls.length > 2, 60_000);
    await eventually('it is known', () => watch.view(stubborn.id)?.resource !== undefined, 60_000);
  });

  afterAll(async () => {
    await watch.close();
    await engine.stop();
    server.close();
  });

  const upkeep = (): readonly Action[] =>
    watch
      .recorded()
      .filter(
        ({ requester, container }) => requester.kind === 'upkeep' && container === stubborn.id,
      );

  const proof = (action: Action | undefined): string =>
    action !== undefined && 'proof' in action.outcome ? action.outcome.proof : '';

  const connection = (): string => watch.monitor.service.snapshot().connection.state;

  /** Follows by the kernel's own account when its main process used CPU time, and how much. */
  async function watchProcess() {
    const { Pid: pid } = (await stubborn.inspect()).State;
    const first = cpuSecondsOf(pid) ?? 0;
    let last = first;
    let movedAt: number[] = [];
    const timer = setInterval(() => {
      const now = cpuSecondsOf(pid);
      if (now === undefined || now === last) return;
      last = now;
      movedAt = [movedAt[0] ?? performance.now(), performance.now()];
    }, 20);
    return {
      pid,
      stop: () => {
        clearInterval(timer);
        const [begun = 0, ended = 0] = movedAt;
        return { seconds: (ended - begun) / 1000, cpuSeconds: last - first };
      },
    };
  }

  test('is told beforehand as one that a stopping engine thaws', async () => {
    const paused = await watch.monitor.service.act({ name: 'pause', target: stubborn.name });
    expect(paused).toMatchObject({ ok: true, value: { outcome: { state: 'proved' } } });
    expect(watch.view(stubborn.id)?.containment?.holes).toEqual([
      'An engine that stops or restarts thaws it for up to its stop time-out; it has no network then.',
    ]);
  });

  test('runs until it is killed when the engine stops, without a network, and does not come back', async () => {
    const { length: callsBefore } = calls;
    const { pid, stop: stopWatching } = await watchProcess();
    const begun = performance.now();
    await engine.stopDaemon();
    // Else there was nothing to bound: it ran through the engine's patience.
    expect(performance.now() - begun).toBeGreaterThan(stopSeconds * 1000 - 500);
    const ran = stopWatching();
    expect(ran.cpuSeconds, `process ${pid} was not thawed`).toBeGreaterThan(0.1);
    await eventually('the engine is missed', () => connection() === 'reconnecting', 60_000);
    expect(watch.view(stubborn.id)?.containment).toMatchObject({ depth: 'frozen' });

    await engine.startDaemon();
    const end = (): Action | undefined =>
      upkeep().find((one) => proof(one).includes('Before it ended'));
    await eventually('what it did is recorded', () => end() !== undefined, 60_000);
    const [, seconds, cpuSeconds] =
      /ran for at most ([\d.]+) s and used at least ([\d.]+) s of CPU/.exec(proof(end())) ?? [];
    // The bound is one, and not much more than was.
    expect(Number(seconds)).toBeGreaterThan(ran.seconds - 0.1);
    expect(Number(seconds)).toBeLessThan(ran.seconds + 6);
    expect(Number(cpuSeconds)).toBeGreaterThan(0);
    expect(Number(cpuSeconds)).toBeLessThan(ran.cpuSeconds + 0.1);

    const { State, NetworkSettings, HostConfig } = await stubborn.inspect();
    expect(State.Running && !State.Paused).toBe(false);
    expect(HostConfig.RestartPolicy.Name).toBe('no');
    expect(Object.keys(NetworkSettings.Networks)).toEqual([]);
    expect(calls).toHaveLength(callsBefore);
    expect(watch.view(stubborn.id)?.containment).toMatchObject({ depth: 'frozen' });
  });

  test('is frozen again when somebody starts it, and what it did in between is bounded', async () => {
    const { length: callsBefore } = calls;
    const { length } = upkeep();
    await demand(engine.socketPath, 'POST', `/containers/${stubborn.id}/start`);
    await eventually(
      'it is frozen again',
      async () => (await stubborn.inspect()).State.Paused,
      60_000,
    );
    await eventually(
      'it is recorded',
      () => upkeep().length > length && upkeep()[0]?.outcome.state !== 'started',
      60_000,
    );
    expect(proof(upkeep()[0])).toMatch(
      /In between it ran for at most [\d.]+ s.* paused, frozen by the kernel's word, no network/,
    );
    expect(calls).toHaveLength(callsBefore);
  });

  test('has all back after a release, though the bridge is another one now', async () => {
    const { length: callsBefore } = calls;
    const released = await watch.monitor.service.act({ name: 'release', target: stubborn.name });
    expect(released).toMatchObject({ ok: true });
    await eventually('it calls home again', () => calls.length > callsBefore, 60_000);
    const { State, HostConfig } = await stubborn.inspect();
    expect([State.Running, State.Paused]).toEqual([true, false]);
    expect(HostConfig.RestartPolicy.Name).toBe('always');
    expect(watch.view(stubborn.id)?.containment).toBeUndefined();
  });
});

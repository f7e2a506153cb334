import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectEngine } from '../../../monitor/engine/connect.ts';
import { systemEnvironment } from '../../../monitor/engine/environment.ts';
import type { Engine } from '../../../monitor/engine/port.ts';
import type { Workload } from '../../../monitor/model/workload.ts';
import { defaultTries } from '../../../monitor/respond/response-context.ts';
import type { Responder } from '../../../monitor/respond/responder.ts';
import { systemClock } from '../../../monitor/runtime/clock.ts';
import { silentLogger } from '../../../monitor/runtime/logger.ts';
import { createCgroupFreezer } from '../../../monitor/sensors/freezer/cgroup-freezer.ts';
import { freezerState, setFreezer } from '../../../monitor/sensors/freezer/freezer-files.ts';
import {
  freezerPlaceOf,
  type FreezerPlace,
} from '../../../monitor/sensors/freezer/freezer-place.ts';
import { parseMembership } from '../../../monitor/sensors/resource/cgroup-paths.ts';
import { readMounts } from '../../../monitor/sensors/resource/cgroup-source.ts';
import { engineSocket } from '../../engine/capabilities.ts';
import {
  testContainers,
  type TestContainer,
  type TestContainers,
} from '../../engine/containers.ts';
import { ask } from '../../engine/engine-http.ts';
import { openWatch } from '../../scenarios/watch.ts';
import { until } from '../sensors/fake-engine.ts';
import { describeAsRoot } from '../sensors/real-cgroup.ts';
import { createMemoryRecord, respondWith, told } from './responder-stand.ts';
import { openWedgingProxy, type WedgingProxy } from './wedging-proxy.ts';

const timeout = 30_000;

interface Writer {
  readonly agent: TestContainer;
  readonly workload: Workload;
  readonly place: FreezerPlace;
  readonly written: () => number;
}

/** By the engine itself, asked again where its runtime is `unable to freeze`, as runc is at times of load. */
async function pauseByEngine({ id }: TestContainer): Promise<void> {
  const pause = () => ask(engineSocket(), 'POST', `/containers/${id}/pause`);
  let answer = await pause();
  for (let tries = 1; tries < 5 && answer.text.includes('unable to freeze'); tries++) {
    await sleep(500);
    answer = await pause();
  }
  expect(answer).toMatchObject({ status: 204 });
}

describeAsRoot(['engine'], 'beside a real engine, the kernel', () => {
  let engine: Engine;
  let throughProxy: Engine;
  let proxy: WedgingProxy;
  let containers: TestContainers;
  let responder: Responder;
  let late: Responder;
  let folder: string;
  const known = new Map<string, Workload>();

  async function connectTo(endpoint: string): Promise<Engine> {
    const connected = await connectEngine({
      endpoint,
      environment: systemEnvironment(),
      logger: silentLogger,
      signal: AbortSignal.timeout(10_000),
    });
    if (!connected.ok) throw new Error(JSON.stringify(connected.error));
    return connected.value;
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sentra-kernel-'));
    containers = testContainers(engineSocket());
    proxy = await openWedgingProxy(engineSocket());
    engine = await connectTo(`unix://${engineSocket()}`);
    throughProxy = await connectTo(proxy.host);
    const kernel = createCgroupFreezer({
      procFolder: '/proc',
      clock: systemClock,
      known: (container) => known.get(container),
    });
    const parts = { clock: systemClock, kernel, tries: defaultTries };
    responder = respondWith({ engine, record: createMemoryRecord(), ...parts });
    late = respondWith({ engine: throughProxy, record: createMemoryRecord(), ...parts });
  });

  afterAll(async () => {
    await containers.removeAll();
    engine.close();
    throughProxy.close();
    await proxy.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A container of this test that writes a byte to a file of its own again and again. */
  async function startWriter(): Promise<Writer> {
    const name = `out-${known.size}`;
    writeFileSync(join(folder, name), '');
    const agent = await containers.start({
      args: ['sh', '-c', `while :; do echo -n x >> /out/${name}; done`],
      binds: [`${folder}:/out`],
      restart: 'always',
    });
    expect(agent.id).toMatch(/^[0-9a-f]{64}$/);
    const detail = await engine.inspect(agent.id);
    if (!detail.ok) throw new Error(detail.error.message);
    const { workload } = detail.value;
    known.set(agent.id, workload);
    const membership = parseMembership(readFileSync(`/proc/${workload.mainPid}/cgroup`, 'utf8'));
    const place = freezerPlaceOf(readMounts('/proc'), membership, agent.id);
    if (place?.folder.includes(agent.id) !== true) throw new Error('It has no cgroup of its own.');
    return { agent, workload, place, written: () => statSync(join(folder, name)).size };
  }

  async function writtenDuring(written: () => number, milliseconds: number): Promise<number> {
    const before = written();
    await sleep(milliseconds);
    return written() - before;
  }

  test(
    'proves a freeze, finds a thaw that the engine does not see, and freezes again',
    async () => {
      const { agent, workload, place, written } = await startWriter();
      const paused = await responder.byPerson({ kind: 'pause' }, workload);
      expect(told(paused)).toBe(
        "proved: Read back: paused, frozen by the kernel's word, no network, restart policy no.",
      );
      expect((await responder.reconcile('all')).actions).toEqual([]);

      expect(setFreezer(place, 'thawed').ok).toBe(true);
      expect(await writtenDuring(written, 500)).toBeGreaterThan(0);
      expect((await agent.inspect()).State.Paused, 'the engine saw it').toBe(true);

      const found = await responder.reconcile('all');
      const [again] = found.actions.map(told);
      expect(again).toMatch(
        /^proved: Thawed behind the engine's back.*frozen by the kernel's word/,
      );
      const used = /used ([\d.]+) s of CPU by the kernel's account/.exec(again ?? '')?.[1];
      expect(Number(used)).toBeGreaterThan(0.05);
      expect(found.actions[0]?.requester).toMatchObject({
        reason: expect.stringMatching(/^Found running by the kernel's word/) as string,
      });
      expect(await writtenDuring(written, 200)).toBe(0);

      // The engine refuses to unpause what is thawed: it must come free all the same.
      expect(setFreezer(place, 'thawed').ok).toBe(true);
      const released = await responder.byPerson({ kind: 'release' }, workload);
      expect(told(released)).toMatch(/^(proved|partly): .*let run by the engine.*Released\./);
      expect((await agent.inspect()).State).toMatchObject({ Running: true, Paused: false });
      expect(await writtenDuring(written, 200)).toBeGreaterThan(0);
      // And the engine's books are right: it can pause it again.
      await pauseByEngine(agent);
      expect(freezerState(place)).toBe('frozen');
      await agent.remove();
    },
    timeout,
  );

  test(
    'turns the badge of a paused container that runs, and has what is held frozen again by itself',
    async () => {
      const [held, free] = [await startWriter(), await startWriter()];
      const watch = await openWatch({ engine: `unix://${engineSocket()}` });
      const sight = ({ agent }: Writer) =>
        watch.view(agent.id)?.coverage.find(({ sensor }) => sensor === 'resource')?.sight;
      const isPaused = ({ agent }: Writer) => watch.view(agent.id)?.workload.state === 'paused';
      try {
        await until(
          'seeing',
          () => [held, free].every((each) => sight(each)?.state === 'seeing'),
          60_000,
        );
        await watch.monitor.service.act({ name: 'pause', target: held.agent.id });
        await pauseByEngine(free.agent);
        await until('paused', () => isPaused(held) && isPaused(free), 60_000);
        await sleep(1_200);
        expect(sight(free)).toEqual({ state: 'seeing' });
        for (const { place } of [held, free]) expect(setFreezer(place, 'thawed').ok).toBe(true);
        await until('the badge turns', () => sight(free)?.state === 'partly', 60_000);
        expect(sight(free)).toMatchObject({
          reason: 'The engine calls it paused, yet its processes use CPU time: they run.',
        });
        await until('it is frozen again', () => freezerState(held.place) === 'frozen', 60_000);
        const upkeep = () => watch.actions.filter(({ requester }) => requester.kind === 'upkeep');
        await until(
          'it is told',
          () => upkeep().some(({ outcome }) => outcome.state === 'proved'),
          60_000,
        );
        expect(told(upkeep().at(-1))).toMatch(/used [\d.]+ s of CPU by the kernel's account/);
        // Sentra holds only what it was told to hold.
        expect(freezerState(free.place)).toBe('thawed');
      } finally {
        await watch.close();
        setFreezer(free.place, 'frozen');
        await Promise.all([held.agent.remove(), free.agent.remove()]);
      }
    },
    timeout,
  );

  test(
    'frees what the engine does not answer about, and all is put back',
    async () => {
      const { agent, workload, place, written } = await startWriter();
      expect(told(await late.byPerson({ kind: 'pause' }, workload))).toMatch(/^proved/);
      // As with the engine that this stands for: once thawed it answers, and goes on answering.
      let freed = false;
      proxy.wedge(agent.id, () => {
        freed ||= freezerState(place) === 'thawed';
        return !freed;
      });
      const released = await late.byPerson({ kind: 'release' }, workload);
      expect(told(released)).toMatch(
        /^(proved|partly): The engine did not answer about it: thawed through the kernel.*Released\./,
      );
      const { State, HostConfig, NetworkSettings } = await agent.inspect();
      expect(State).toMatchObject({ Running: true, Paused: false });
      expect(HostConfig.RestartPolicy.Name).toBe('always');
      expect(Object.keys(NetworkSettings.Networks)).toEqual(['bridge']);
      expect(await writtenDuring(written, 200)).toBeGreaterThan(0);
      expect(late.containmentOf(agent.id)).toBeUndefined();
      await agent.remove();
    },
    timeout,
  );

  test(
    'kills what the engine does not answer about, and nothing of it runs in between',
    async () => {
      const { agent, workload, place, written } = await startWriter();
      expect(told(await late.byPerson({ kind: 'pause' }, workload))).toMatch(/^proved/);
      const before = written();
      proxy.wedge(agent.id, () => freezerState(place) === 'frozen');
      const killed = await late.byPerson({ kind: 'kill' }, workload);
      expect(told(killed)).toMatch(
        /^proved: The engine did not answer about it: all its processes were frozen and killed.*Killed\. Read back: not running \(exit code 137\)/,
      );
      expect(written()).toBe(before);
      expect((await agent.inspect()).State).toMatchObject({ Status: 'exited', ExitCode: 137 });
      await agent.remove();
    },
    timeout,
  );
});

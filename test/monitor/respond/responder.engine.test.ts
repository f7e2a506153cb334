import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectEngine } from '../../../monitor/engine/connect.ts';
import { systemEnvironment } from '../../../monitor/engine/environment.ts';
import type { Engine } from '../../../monitor/engine/port.ts';
import type { Workload } from '../../../monitor/model/workload.ts';
import { defaultGuardRails } from '../../../monitor/respond/guard-rails.ts';
import type { Responder } from '../../../monitor/respond/responder.ts';
import { systemClock } from '../../../monitor/runtime/clock.ts';
import { silentLogger } from '../../../monitor/runtime/logger.ts';
import { describeWithEngine, engineSocket } from '../../engine/capabilities.ts';
import { testContainers } from '../../engine/containers.ts';
import type { TestContainer, TestContainers } from '../../engine/containers.ts';
import { demand } from '../../engine/engine-http.ts';
import { createMemoryRecord, decide, respondWith, told } from './responder-stand.ts';
import type { MemoryRecord } from './responder-stand.ts';

const burn = ['sh', '-c', 'while :; do :; done'] as const;
const timeout = 60_000;

/** CPU that the container's processes have used, in clock ticks, from the kernel itself. */
function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // utime and stime, fields 14 and 15 of proc(5); the list begins at field 3.
  return Number(fields[11]) + Number(fields[12]);
}

/** The ticks used in the next `milliseconds`. */
async function ticksDuring(pid: number, milliseconds: number): Promise<number> {
  const before = ticksOf(pid);
  await sleep(milliseconds);
  return ticksOf(pid) - before;
}

describeWithEngine('on a real engine', () => {
  let engine: Engine;
  let containers: TestContainers;
  let record: MemoryRecord;
  let responder: Responder;

  beforeAll(async () => {
    const connected = await connectEngine({
      endpoint: `unix://${engineSocket()}`,
      environment: systemEnvironment(),
      logger: silentLogger,
      signal: AbortSignal.timeout(10_000),
    });
    if (!connected.ok) throw new Error(JSON.stringify(connected.error));
    engine = connected.value;
    containers = testContainers(engineSocket());
    record = createMemoryRecord();
    const cap = { actions: 1000, windowMs: 60_000 };
    const guardRails = { ...defaultGuardRails, cap };
    responder = respondWith({ engine, clock: systemClock, record, guardRails });
  });

  afterAll(async () => {
    await containers.removeAll();
    engine.close();
  });

  async function workloadOf(container: TestContainer): Promise<Workload> {
    const detail = await engine.inspect(container.id);
    if (!detail.ok) throw new Error(detail.error.message);
    return detail.value.workload;
  }

  const network = (suffix: string): string => `sentra-${containers.run}-${suffix}`;

  test(
    'a freeze really stops the processes and takes the networks; a release gives all back',
    async () => {
      const subnet = '10.201.7.0/24';
      const team = network('team');
      await containers.createNetwork(team, subnet);
      const agent = await containers.start({
        args: burn,
        network: team,
        aliases: ['api', 'web'],
        restart: 'always',
        // One that the engine chose would be chosen anew with the network.
        ports: { 80: 28_080 },
      });
      const before = await agent.inspect();
      const pid = before.State.Pid;
      const portsBefore = JSON.stringify(before.NetworkSettings['Ports']);
      expect(await ticksDuring(pid, 500)).toBeGreaterThan(5);

      const workload = await workloadOf(agent);
      const [action] = await responder.carryOut(decide(workload, [{ kind: 'pause' }]), workload);
      expect(told(action)).toBe('proved: Read back: paused, no network, restart policy no.');
      expect(await ticksDuring(pid, 500)).toBe(0);
      const frozen = await agent.inspect();
      expect(frozen.State.Paused).toBe(true);
      expect(frozen.NetworkSettings.Networks).toEqual({});
      expect(frozen.HostConfig.RestartPolicy.Name).toBe('no');

      const released = await responder.byPerson({ kind: 'release' }, workload);
      expect(told(released)).toMatch(/^proved: Released\./);
      const after = await agent.inspect();
      expect(after.State).toMatchObject({ Paused: false, Running: true, Pid: pid });
      expect(after.HostConfig.RestartPolicy.Name).toBe('always');
      const [was, is] = [before, after].map((each) => each.NetworkSettings.Networks[team]);
      expect(is?.IPAddress).toBe(was?.IPAddress);
      expect(is?.Aliases).toEqual(expect.arrayContaining(['api', 'web']));
      expect(JSON.stringify(after.NetworkSettings['Ports'])).toBe(portsBefore);
      expect(await ticksDuring(pid, 500)).toBeGreaterThan(5);
    },
    timeout,
  );

  test(
    'what is thawed by hand is frozen again, and what it did meanwhile is bounded',
    async () => {
      const agent = await containers.start({ args: burn });
      const workload = await workloadOf(agent);
      await responder.carryOut(decide(workload, [{ kind: 'pause' }]), workload);
      await demand(engineSocket(), 'POST', `/containers/${agent.id}/unpause`);
      const found = await responder.reconcile([workload]);
      expect(told(found.actions[0])).toMatch(
        /^proved: In between it ran for at most \d+\.\d s\..*paused/,
      );
      const { State: state } = await agent.inspect();
      expect(state.Paused).toBe(true);
      expect(await ticksDuring(state.Pid, 300)).toBe(0);
    },
    timeout,
  );

  test(
    'a network attached by hand is detached again',
    async () => {
      const extra = network('extra');
      const id = await containers.createNetwork(extra);
      const agent = await containers.start({ args: ['sleep', '1000'] });
      const workload = await workloadOf(agent);
      await responder.carryOut(decide(workload, [{ kind: 'quarantine' }]), workload);
      expect((await agent.inspect()).NetworkSettings.Networks).toEqual({});
      await demand(engineSocket(), 'POST', `/networks/${id}/connect`, {
        body: { Container: agent.id },
      });
      const found = await responder.reconcile('all');
      expect(found.actions.map(told)).toEqual([expect.stringMatching(/^proved: .*no network/)]);
      expect((await agent.inspect()).NetworkSettings.Networks).toEqual({});
    },
    timeout,
  );

  test(
    'a quarantined container stays off the network when it is restarted',
    async () => {
      const agent = await containers.start({ args: ['sleep', '1000'], stopTimeout: 1 });
      const workload = await workloadOf(agent);
      await responder.carryOut(decide(workload, [{ kind: 'quarantine' }]), workload);
      await demand(engineSocket(), 'POST', `/containers/${agent.id}/restart?t=1`);
      expect((await agent.inspect()).NetworkSettings.Networks).toEqual({});
      expect(await agent.exec(['sh', '-c', 'test ! -e /sys/class/net/eth0'])).toBe(0);
    },
    timeout,
  );

  test(
    'a frozen container is killed, and stays down',
    async () => {
      const agent = await containers.start({
        args: ['sh', '-c', 'trap "" TERM; while :; do sleep 1; done'],
        restart: 'always',
      });
      const workload = await workloadOf(agent);
      await responder.carryOut(decide(workload, [{ kind: 'pause' }]), workload);
      const killed = await responder.byPerson({ kind: 'stop', graceSeconds: 10 }, workload);
      expect(told(killed)).toMatch(/^proved: It is frozen.*Killed\. Read back: not running/);
      await sleep(500);
      expect((await agent.inspect()).State).toMatchObject({ Status: 'exited', ExitCode: 137 });

      await demand(engineSocket(), 'POST', `/containers/${agent.id}/start`);
      await responder.reconcile([workload]);
      expect((await agent.inspect()).State.Paused).toBe(true);
      await responder.byPerson({ kind: 'release' }, workload);
      expect((await agent.inspect()).HostConfig.RestartPolicy.Name).toBe('always');
    },
    timeout,
  );

  test(
    'one that ended while held is told, released without a start, and has its network when started',
    async () => {
      const agent = await containers.start({ args: ['sleep', '1000'], restart: 'always' });
      const workload = await workloadOf(agent);
      await responder.carryOut(decide(workload, [{ kind: 'pause' }]), workload);
      await demand(engineSocket(), 'POST', `/containers/${agent.id}/kill`);
      const found = await responder.reconcile([workload], () => 0.5);
      expect(found.actions.map(told)).toEqual([
        expect.stringMatching(
          /^proved: .*ran for at most .* used at least 0\.50 s of CPU\. .*exit code 137/,
        ),
      ]);
      const released = await responder.byPerson({ kind: 'release' }, workload);
      expect(told(released)).toMatch(/^proved: Released\..* on bridge.*It was not started\./);
      await demand(engineSocket(), 'POST', `/containers/${agent.id}/start`);
      expect(await agent.exec(['test', '-e', '/sys/class/net/eth0'])).toBe(0);
    },
    timeout,
  );

  test(
    'one that was created without a network and attached later is frozen off that network',
    async () => {
      const late = network('late');
      const id = await containers.createNetwork(late);
      const agent = await containers.start({ args: ['sleep', '1000'], network: 'none' });
      const body = { Container: agent.id };
      await demand(engineSocket(), 'POST', '/networks/none/disconnect', { body });
      await demand(engineSocket(), 'POST', `/networks/${id}/connect`, { body });
      const workload = await workloadOf(agent);
      expect(workload.network).toEqual({ kind: 'own', networks: [late] });
      const paused = await responder.byPerson({ kind: 'pause' }, workload);
      expect(told(paused)).toBe('proved: Read back: paused, no network, restart policy no.');
      expect((await agent.inspect()).NetworkSettings.Networks).toEqual({});
      expect(told(await responder.byPerson({ kind: 'release' }, workload))).toMatch(/^proved/);
      expect(Object.keys((await agent.inspect()).NetworkSettings.Networks)).toEqual([late]);
    },
    timeout,
  );

  test(
    "a quarantine on the host's network is a freeze",
    async () => {
      const agent = await containers.start({ args: burn, network: 'host' });
      const workload = await workloadOf(agent);
      const [action] = await responder.carryOut(
        decide(workload, [{ kind: 'quarantine' }]),
        workload,
      );
      expect(told(action)).toMatch(/^partly: Frozen instead of quarantined: .*cannot be detached/);
      const { State: state } = await agent.inspect();
      expect(await ticksDuring(state.Pid, 300)).toBe(0);
      expect(told(await responder.byPerson({ kind: 'release' }, workload))).toMatch(/^proved/);
    },
    timeout,
  );

  test(
    'limits are set and undone: to what was, or to the whole machine',
    async () => {
      const free = await containers.start({ args: ['sleep', '1000'] });
      const bound = await containers.start({
        args: ['sleep', '1000'],
        memory: 64 * 1024 * 1024,
        cpus: 1,
        pids: 100,
      });
      const limit = {
        kind: 'limit',
        cpus: 0.25,
        memoryBytes: 32 * 1024 * 1024,
        pids: 20,
      } as const;
      const resources = async (container: TestContainer) => {
        const { HostConfig: host } = await container.inspect();
        return [host['NanoCpus'], host['Memory'], host['PidsLimit']];
      };
      for (const container of [free, bound]) {
        const workload = await workloadOf(container);
        const [action] = await responder.carryOut(decide(workload, [limit]), workload);
        expect(told(action)).toBe(
          'proved: Read back: 0.25 cores, 33554432 bytes of memory, 20 processes.',
        );
        expect(await resources(container)).toEqual([0.25e9, limit.memoryBytes, 20]);
      }
      // Somebody else loosens them: they are put back, also on what is frozen, and that is told.
      const more = 128 * 1024 * 1024;
      const looser = { Memory: more, MemorySwap: 2 * more, NanoCpus: 2e9, PidsLimit: 50 };
      await responder.carryOut(
        decide(await workloadOf(free), [{ kind: 'pause' }]),
        await workloadOf(free),
      );
      for (const container of [free, bound]) {
        const swap = (await container.inspect()).HostConfig['MemorySwap'];
        await demand(engineSocket(), 'POST', `/containers/${container.id}/update`, {
          body: looser,
        });
        const found = await responder.reconcile([await workloadOf(container)]);
        expect(found.actions).toMatchObject([
          {
            name: 'limit',
            requester: {
              kind: 'upkeep',
              reason: expect.stringMatching(
                /^Found with 2 cores, 134217728 bytes of memory, 50 processes at .* somebody else has changed it\.$/,
              ) as unknown,
            },
          },
        ]);
        expect(found.actions.map(told)).toEqual([
          'proved: Read back: 0.25 cores, 33554432 bytes of memory, 20 processes.',
        ]);
        expect(await resources(container)).toEqual([0.25e9, limit.memoryBytes, 20]);
        expect((await container.inspect()).HostConfig['MemorySwap']).toBe(swap);
      }
      expect((await responder.reconcile([await workloadOf(bound)])).actions).toEqual([]);
      const freed = await responder.byPerson({ kind: 'release' }, await workloadOf(free));
      expect(told(freed)).toMatch(/^partly: .*whole/);
      const { hostCpus, hostMemoryBytes } = engine.about;
      expect((await resources(free)).slice(0, 2)).toEqual([hostCpus * 1e9, hostMemoryBytes]);
      const unbound = await responder.byPerson({ kind: 'release' }, await workloadOf(bound));
      expect(told(unbound)).toMatch(/^proved/);
      expect(await resources(bound)).toEqual([1e9, 64 * 1024 * 1024, 100]);
    },
    timeout,
  );

  test(
    'a limit on memory below what is used is refused by the kernel, which is told; the others are set',
    async () => {
      const agent = await containers.start({
        args: ['sh', '-c', 'dd if=/dev/zero of=/dev/shm/full bs=1M count=50; sleep 1000'],
        hostConfig: { MemoryReservation: 64 * 1024 * 1024 },
      });
      const workload = await workloadOf(agent);
      await agent.exec([
        'sh',
        '-c',
        'while [ $(stat -c %s /dev/shm/full) -lt 52428800 ]; do :; done',
      ]);
      const below = { kind: 'limit', cpus: 0.25, memoryBytes: 33_554_432, pids: 20 } as const;
      const [action] = await responder.carryOut(decide(workload, [below]), workload);
      expect(told(action)).toMatch(
        /^partly: Read back: 0\.25 cores, no memory limit, 20 processes\. \[Its memory is not limited: it uses \d+ bytes, which the kernel cannot take back, and 33554432 were asked for\./,
      );
      expect((await agent.inspect()).HostConfig).toMatchObject({ Memory: 0, PidsLimit: 20 });
      // What the kernel refused once is not asked for again and again.
      expect((await responder.reconcile([workload])).actions).toEqual([]);
      // Above what is used, and below what is reserved for it, it is taken.
      const above = {
        kind: 'limit',
        cpus: undefined,
        memoryBytes: 60_000_000,
        pids: undefined,
      } as const;
      const [more] = await responder.carryOut(decide(workload, [above]), workload);
      expect(told(more)).toMatch(/^proved: Read back: 0\.25 cores, 60000000 bytes of memory/);
    },
    timeout,
  );

  test(
    'a limit of one bounded by a quota of CPU time narrows that quota, and gives it back',
    async () => {
      const agent = await containers.start({
        args: ['sleep', '1000'],
        hostConfig: { CpuQuota: 80_000 },
      });
      const quota = async () => (await agent.inspect()).HostConfig['CpuQuota'];
      const workload = await workloadOf(agent);
      const limit = { kind: 'limit', cpus: 0.25, memoryBytes: undefined, pids: 20 } as const;
      const [action] = await responder.carryOut(decide(workload, [limit]), workload);
      expect(told(action)).toMatch(/^proved: Read back: 0\.25 cores/);
      expect(await quota()).toBe(25_000);
      await responder.byPerson({ kind: 'release' }, workload);
      expect(await quota()).toBe(80_000);
    },
    timeout,
  );

  test(
    'a restart loop is held down, or frozen as soon as it comes up',
    async () => {
      const agent = await containers.start({
        args: ['sh', '-c', 'sleep 0.2; exit 1'],
        restart: 'always',
      });
      await sleep(1500);
      const workload = await workloadOf(agent);
      await responder.carryOut(decide(workload, [{ kind: 'pause' }]), workload);
      await sleep(3000);
      await responder.reconcile([workload]);
      const first = await agent.inspect();
      await sleep(1500);
      const second = await agent.inspect();
      expect(second.RestartCount).toBe(first.RestartCount);
      expect(['paused', 'exited']).toContain(second.State.Status);
      expect(second.HostConfig.RestartPolicy.Name).toBe('no');
    },
    timeout,
  );

  test(
    'one that is gone between finding and action fails in words',
    async () => {
      const agent = await containers.start({ args: ['sleep', '1000'] });
      const workload = await workloadOf(agent);
      await agent.remove();
      const [action] = await responder.carryOut(decide(workload, [{ kind: 'pause' }]), workload);
      expect(told(action)).toBe('failed: Gone: the container is no longer there.');
    },
    timeout,
  );

  test(
    'one that the engine removes by itself is proved dead',
    async () => {
      const agent = await containers.start({ args: burn, autoRemove: true });
      const workload = await workloadOf(agent);
      const [action] = await responder.carryOut(decide(workload, [{ kind: 'kill' }]), workload);
      expect(told(action)).toMatch(/^proved: Killed/);
      await sleep(500);
      await responder.reconcile('all');
      expect(responder.containmentOf(agent.id)).toBeUndefined();
    },
    timeout,
  );

  test('nothing that was begun stays begun', () => {
    for (const { outcome } of record.actions.values()) expect(outcome.state).not.toBe('started');
  });
});

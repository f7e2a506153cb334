import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findGvisorReceiver } from '../../../../monitor/sensors/gvisor/gvisor-program.ts';
import { createNativeTracing } from '../../../../monitor/sensors/gvisor/native-tracing.ts';
import { traceFileText } from '../../../../monitor/sensors/gvisor/trace-file.ts';
import { engineSocket } from '../../../engine/capabilities.ts';
import type { TestContainer } from '../../../engine/containers.ts';
import { until } from '../fake-engine.ts';
import { countedByStrace } from '../counted-by-strace.ts';
import { describeAsRoot } from '../real-cgroup.ts';
import { openSensorStage, type SensorStage } from '../sensor-stage.ts';

/** The process of this test's own that takes what the sandboxes tell. */
function receiver(): number | undefined {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const status = readFileSync(`/proc/${name}/status`, 'utf8');
      const isOurs = new RegExp(`^PPid:\\s*${process.pid}$`, 'm').test(status);
      if (isOurs && /^Name:\s*sentra-gvisor$/m.test(status)) return Number(name);
    } catch {
      // It ended while it was looked at.
    }
  }
  return undefined;
}

describeAsRoot(['engine', 'debian-image', 'kernel-sensor'], 'System calls under gVisor', () => {
  /** Read by the runtime `runsc-traced` whenever a container is created. */
  const traceFileOfEngine = join(dirname(engineSocket()), 'pod-init.json');
  let stage: SensorStage;
  let folder: string;

  beforeAll(async () => {
    expect(existsSync('/usr/bin/runsc')).toBe(true);
    folder = mkdtempSync(join(tmpdir(), 'sentra-gvisor-'));
    // As an older Sentra wrote it.
    writeFileSync(traceFileOfEngine, '{}');
    stage = await openSensorStage({
      settings: {
        tracing: createNativeTracing({
          procFolder: '/proc',
          folder: mkdtempSync(join(folder, 'r')),
          startSocket: join(folder, 'start.sock'),
          startFile: traceFileOfEngine,
        }),
      },
    });
  });

  afterAll(async () => {
    await stage.close();
    rmSync(traceFileOfEngine, { force: true });
    rmSync(folder, { recursive: true, force: true });
    expect(receiver()).toBeUndefined();
  });

  const sight = (container: TestContainer) => stage.sight(container, 'syscalls');
  const telling = (container: TestContainer): Promise<void> =>
    until('telling', () => ['seeing', 'partly'].includes(sight(container)?.state ?? ''), 60_000);

  const lost = (container: TestContainer): number =>
    stage.of('syscalls', container).reduce((sum, one) => sum + one.lost, 0);

  /** A container of Debian under gVisor that waits. */
  async function waiting(options: Partial<Parameters<SensorStage['containers']['start']>[0]> = {}) {
    const container = await stage.containers.start({
      image: 'debian',
      args: ['sleep', '600'],
      network: 'none',
      hostConfig: { Runtime: 'runsc' },
      binds: [`${folder}:/test`],
      ...options,
    });
    await telling(container);
    return container;
  }

  test(
    'agree with strace about a program, and belong to nobody else',
    { timeout: 60_000 },
    async () => {
      const [one, other] = await Promise.all([waiting(), waiting()]);
      const script =
        'for i in 1 2 3 4 5 6 7 8; do /bin/cat /etc/passwd /etc/group >/dev/null; done; exit 0';
      await one.exec(['sh', '-c', script]);
      await stage.settled(one);
      const calls = ['execve', 'openat', 'close', 'read', 'fadvise64', 'wait4', 'munmap', 'brk'];
      const full = calls.map((call) => stage.total(one, call));
      await one.exec(['sh', '-c', 'exit 0']);
      await stage.settled(one);
      // Less what the shell itself needs to begin and end.
      const seen = calls.map((call, i) => [call, 2 * (full[i] ?? 0) - stage.total(one, call)]);
      // The same under strace in the same image, run by the machine's own kernel.
      const plain = await stage.containers.start({ image: 'debian', args: ['sleep', '60'] });
      const root = `/proc/${(await plain.inspect()).State.Pid}/root`;
      const log = join(folder, 'strace');
      const [loaded, empty] = [
        countedByStrace(log, root, script),
        countedByStrace(log, root, 'exit 0'),
      ];
      expect(seen).toEqual(
        calls.map((call) => [call, (loaded.get(call) ?? 0) - (empty.get(call) ?? 0)]),
      );
      expect(stage.total(one, 'fadvise64')).toBe(16);
      const starts = stage
        .of('process-start', one)
        .filter(({ program }) => program.endsWith('/cat'));
      expect(starts.map(({ program }) => program)).toEqual(Array(8).fill('/bin/cat'));
      expect(new Set(starts.map(({ parentPid }) => parentPid)).size).toBe(1);
      expect(starts[0]).toMatchObject({
        arguments: ['/bin/cat', '/etc/passwd', '/etc/group'],
        uid: 0,
      });
      expect(stage.total(other, 'fadvise64')).toBe(0);
      expect(stage.of('process-start', other)).toEqual([]);
      await Promise.all([one.remove(), other.remove(), plain.remove()]);
    },
  );

  test('show what was refused, and by whom it was tried', { timeout: 60_000 }, async () => {
    const container = await waiting();
    await container.exec(['sh', '-c', 'mount -t tmpfs none /mnt; true']);
    await container.exec(['su', 'nobody', '-s', '/bin/sh', '-c', 'cat /etc/shadow; true']);
    await container.exec(['cat', '/etc/shadow']);
    await stage.settled(container);
    const told = stage
      .of('rare-call', container)
      .map(({ call, error, target, uid, program }) => [
        call,
        error ?? 'done',
        target,
        uid,
        program,
      ]);
    expect(told).toContainEqual(['openat', 'EACCES', '/etc/shadow', 65534, '/usr/bin/cat']);
    expect(told).toContainEqual([
      'openat',
      'done',
      '/etc/shadow',
      0,
      expect.stringContaining('cat'),
    ]);
    expect(told).toContainEqual(['mount', 'EPERM', '', 0, expect.stringContaining('mount')]);
    await container.remove();
  });

  test(
    'do not hold the container up while their receiver stands still',
    { timeout: 90_000 },
    async () => {
      const container = await waiting();
      await stage.settled(container);
      const stopped = receiver();
      if (stopped === undefined) throw new Error('There is no receiver.');
      process.kill(stopped, 'SIGSTOP');
      // 80,000 calls: more than any buffer holds. A sandbox that waited would wait for ever.
      const work = ['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=1', 'count=40000'];
      expect(await container.exec(work, 20_000)).toBe(0);
      // What hangs is ended and begun again, and meanwhile nothing is claimed.
      const states = (): string[] =>
        stage
          .of('coverage', container)
          .filter(({ coverage }) => coverage.sensor === 'syscalls')
          .map(({ coverage }) => coverage.sight.state);
      await until('blind', () => states().includes('blind'), 15_000);
      await until(
        'telling again',
        () => ['seeing', 'partly'].includes(states().at(-1) ?? ''),
        30_000,
      );
      expect(receiver()).not.toBe(stopped);
      await container.exec(['cat', '/etc/shadow']);
      await until('a call again', () => stage.of('rare-call', container).length > 0, 10_000);
      await container.remove();
    },
  );

  test(
    'that a slow receiver loses are counted as lost, and shown',
    { timeout: 120_000 },
    async () => {
      const shown = ({ id }: TestContainer): number =>
        stage.sensors.coverage(id).find(({ sensor }) => sensor === 'syscalls')?.dropped ?? 0;
      let gone = 0;
      // Long names fill what room there is within some 2,000 calls.
      const longNames =
        "import os\nfor i in range(20000):\n try: os.open('a/' * 1900, 0)\n except OSError: pass";
      // How much is told until there is no room for more is a matter of the machine.
      for (let i = 0; i < 10 && gone === 0; i++) {
        const container = await waiting();
        const slow = receiver();
        if (slow === undefined) throw new Error('There is no receiver.');
        const work = container.exec(['sh', '-c', `/bin/true; exec python3 -c "${longNames}"`]);
        await until('it begins', () => stage.of('process-start', container).length > 0, 60_000);
        process.kill(slow, 'SIGSTOP');
        // Less than it takes to be ended as one that stands still.
        await delay(1000);
        if (receiver() === slow) process.kill(slow, 'SIGCONT');
        expect(await work).toBe(0);
        await stage.settled(container);
        gone = lost(container);
        await until('the badge tells it', () => shown(container) === lost(container), 60_000);
        await container.remove();
      }
      expect(gone).toBeGreaterThan(0);
    },
  );

  test('are narrowed where they are too many, and say so', { timeout: 120_000 }, async () => {
    const container = await waiting({
      args: ['sh', '-c', 'while :; do dd if=/dev/zero of=/dev/null bs=1 count=100000; done'],
    });
    const isNarrowed = (): boolean => /not counted/.test(JSON.stringify(sight(container)));
    await until('narrowed', isNarrowed, 60_000);
    expect(sight(container)).toEqual({
      state: 'partly',
      reason: expect.stringMatching(/not counted for now: .*(?:read|write)/) as string,
    });
    expect(lost(container)).toBe(0);
    await container.remove();
  });

  /** A container that tells from its first instruction, if the engine lets it start. */
  const traced = (args: readonly string[]): Promise<TestContainer> =>
    stage.containers.start({
      image: 'debian',
      args,
      network: 'none',
      hostConfig: { Runtime: 'runsc-traced' },
    });

  test(
    'are seen from the first instruction where the engine’s configuration asks for it',
    { timeout: 120_000 },
    async () => {
      await until('listening', () => existsSync(join(folder, 'start.sock')), 60_000);
      expect(readFileSync(traceFileOfEngine, 'utf8')).toBe(
        traceFileText(join(folder, 'start.sock')),
      );
      const script = '/bin/cat /etc/shadow >/dev/null; exec /bin/sleep 600';
      const container = await traced(['sh', '-c', script]);
      await telling(container);
      const starts = () => stage.of('process-start', container);
      await until('its first starts', () => starts().length >= 3, 60_000);
      await until('its counts', () => stage.total(container, 'execve') >= 2, 60_000);
      await stage.settled(container);
      expect(starts().map(({ program, arguments: words }) => [program, words])).toEqual([
        ['sh', ['sh', '-c', script]],
        ['/bin/cat', ['/bin/cat', '/etc/shadow']],
        ['/bin/sleep', ['/bin/sleep', '600']],
      ]);
      expect(stage.of('rare-call', container)).toMatchObject([
        { call: 'openat', target: '/etc/shadow', uid: 0 },
      ]);
      // The shell's own is the sandbox's; what it starts is counted, each once.
      expect(stage.total(container, 'execve')).toBe(2);
      expect(lost(container)).toBe(0);
      // The engine says so of itself: by this a person is told what to add to its configuration.
      const runtimes = stage.engine.about.runtimes?.filter(({ path }) => path === '/usr/bin/runsc');
      expect(runtimes?.map(({ name, args }) => [name, args.at(-1)])).toEqual([
        ['runsc', '--network=host'],
        ['runsc-host', '--network=host'],
        ['runsc-traced', `--pod-init-config=${traceFileOfEngine}`],
      ]);
      await container.remove();
    },
  );

  test(
    'keep no container from starting: with the receiver stopped, killed, or absent',
    { timeout: 120_000 },
    async () => {
      const own = join(folder, 'own');
      mkdirSync(own);
      const socket = join(own, 'start.sock');
      writeFileSync(traceFileOfEngine, traceFileText(socket));
      const program = findGvisorReceiver(own);
      if (!program.ok) throw new Error(program.error);
      const starts = async (): Promise<void> => {
        const container = await traced(['sleep', '600']);
        expect((await container.inspect()).State.Running).toBe(true);
        await container.remove();
      };
      await starts();
      for (const signal of ['SIGSTOP', 'SIGKILL'] as const) {
        // Nobody looks after this one: whatever becomes of it, no one else will end it.
        const alone = spawn(program.value, [own, socket], { stdio: ['pipe', 'pipe', 'ignore'] });
        const ended = once(alone, 'exit');
        await once(alone.stdout, 'data');
        alone.stdout.resume();
        await starts();
        alone.kill(signal);
        await starts();
        // One that stands still was ended by the kernel, and not by anybody here.
        expect(await ended).toEqual([null, 'SIGKILL']);
        expect(existsSync(socket)).toBe(true);
        await starts();
      }
    },
  );
});

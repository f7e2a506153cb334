import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tryHere } from '../../../../monitor/egress/guard/probe-wall.ts';
import type {
  ProcessStartObservation,
  RareCallObservation,
  SyscallsObservation,
} from '../../../../monitor/model/observation.ts';
import type { TestContainer } from '../../../engine/containers.ts';
import { until } from '../fake-engine.ts';
import { countedByStrace } from '../counted-by-strace.ts';
import { describeAsRoot } from '../real-cgroup.ts';
import { openSensorStage, type SensorStage } from '../sensor-stage.ts';

/** Makes 1,000 calls of `getpid` by the 32-bit way (number 20), then one `ptrace` (26) as well. */
const oldCalls = `
void _start(void) {
  long result;
  for (int i = 0; i < 1000; i++) __asm__ volatile("int $0x80" : "=a"(result) : "a"(20));
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(26), "b"(16), "c"(1), "d"(0), "S"(0));
  __asm__ volatile("int $0x80" :: "a"(1), "b"(0));
}`;

/**
 * Asks for `mount` (165) and `ptrace` (521 there) in the x32 way, which has most native numbers behind a
 * bit. A kernel without it refuses both.
 */
const x32Calls = `
static void call(long number, long first, long second) {
  register long none __asm__("r10") = 0;
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(first), "S"(second), "d"(0), "r"(none) : "rcx", "r11", "memory");
}
void _start(void) {
  call(0x40000000 | 165, 0, 0);
  call(0x40000000 | 521, 16, 1);
  for (;;) call(60, 0, 0);
}`;

describeAsRoot(
  ['engine', 'debian-image', 'kernel-sensor'],
  'System calls seen in the kernel',
  () => {
    let stage: SensorStage;
    let folder: string;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'sentra-syscalls-'));
      stage = await openSensorStage();
    });

    afterAll(async () => {
      await stage.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const sight = (container: TestContainer) => stage.sight(container, 'syscalls');
    const seen = (container: TestContainer): Promise<void> =>
      until('seeing', () => sight(container)?.state === 'seeing', 60_000);
    const windows = (container: TestContainer): readonly SyscallsObservation[] =>
      stage.of('syscalls', container);
    const starts = (container: TestContainer): readonly ProcessStartObservation[] =>
      stage.of('process-start', container);
    const rare = (container: TestContainer): readonly RareCallObservation[] =>
      stage.of('rare-call', container);
    /** A container of Debian that waits, with the folder of the test at /test. */
    async function waiting(
      options: Partial<Parameters<SensorStage['containers']['start']>[0]> = {},
    ) {
      const container = await stage.containers.start({
        image: 'debian',
        args: ['sleep', '600'],
        binds: [`${folder}:/test`],
        ...options,
      });
      await seen(container);
      return container;
    }

    test('agree with strace about a program, and belong to nobody else, nor to what tries its wall', async () => {
      const gate = join(folder, 'gate');
      execFileSync('mkfifo', [gate]);
      // Opened for both, so that it neither waits for the reader nor fails without one.
      const pipe = openSync(gate, constants.O_RDWR);
      const script =
        'for i in 1 2 3 4 5 6 7 8; do /bin/cat /etc/passwd /etc/group >/dev/null; done';
      const [one, other] = await Promise.all([
        waiting({ args: ['sh', '-c', `while read -r _; do ${script}; done </test/gate`] }),
        waiting(),
      ]);
      await stage.settled(one);
      const [before, otherBefore] = [windows(one).length, windows(other).length];
      const { Pid: pid } = (await one.inspect()).State;
      const space = { pid, inode: statSync(`/proc/${pid}/ns/net`).ino };
      const tried = await tryHere(space)(65_534, ['udp-192.0.2.1-9', 'tcp-127.0.0.1-9']);
      expect(tried).toMatchObject({ ok: true });
      writeSync(pipe, '1\n');
      await until('eight starts', () => starts(one).length >= 8, 60_000);
      await stage.settled(one);

      // The same under strace, in the same root file system, less what its shell needs to begin and end.
      const log = join(folder, 'strace');
      const root = `/proc/${pid}/root`;
      const [full, empty] = [countedByStrace(log, root, script), countedByStrace(log, root, ':')];
      const calls = ['execve', 'openat', 'close', 'mmap', 'fadvise64', 'write', 'brk', 'wait4'];
      const expected = calls.map((call) => [call, (full.get(call) ?? 0) - (empty.get(call) ?? 0)]);
      expect(calls.map((call) => [call, stage.total(one, call, before)])).toEqual(expected);
      expect(stage.total(one, 'fadvise64', before)).toBe(16);
      const tries = ['setgroups', 'setresuid', 'socket', 'connect'];
      expect(tries.map((call) => stage.total(one, call, before))).toEqual([0, 0, 0, 0]);
      closeSync(pipe);

      const cats = starts(one);
      expect(cats.map(({ program }) => program)).toEqual(Array(8).fill('/usr/bin/cat'));
      expect(new Set(cats.map(({ parentPid }) => parentPid)).size).toBe(1);
      expect(cats[0]).toMatchObject({
        arguments: ['/bin/cat', '/etc/passwd', '/etc/group'],
        fromOutside: false,
        uid: 0,
      });
      expect(starts(other)).toEqual([]);
      expect(stage.total(other, 'fadvise64', otherBefore)).toBe(0);
      await Promise.all([one.remove(), other.remove()]);
    });

    test(
      'belong to nobody else while thirty containers start and stop',
      { timeout: 240_000 },
      async () => {
        const gate = join(folder, 'crowd-gate');
        execFileSync('mkfifo', [gate]);
        const pipe = openSync(gate, constants.O_RDWR);
        const script =
          'for i in 1 2 3 4 5 6 7 8 9 10; do /bin/cat /etc/passwd >/dev/null; sleep 0.2; done';
        const one = await waiting({
          args: ['sh', '-c', `while read -r _; do ${script}; done </test/crowd-gate`],
        });
        await stage.settled(one);
        const before = windows(one).length;
        writeSync(pipe, '1\n');
        // Each tells itself apart by what it starts; as many at once as the machine bears.
        const crowd = Array.from({ length: 30 }, (_, number) => `crowd-${number}`);
        const ids = new Map<string, string>();
        const waitingToStart = [...crowd];
        async function startAndStop(): Promise<void> {
          for (let mark = waitingToStart.pop(); mark !== undefined; mark = waitingToStart.pop()) {
            const short = 'for i in 1 2 3 4 5 6; do sleep 0.3; /bin/echo $0 >/dev/null; done';
            const container = await stage.containers.start({ args: ['sh', '-c', short, mark] });
            ids.set(mark, container.id);
            await delay(2_500);
            await container.remove();
          }
        }
        await Promise.all([startAndStop(), startAndStop(), startAndStop(), startAndStop()]);
        await until('ten starts', () => starts(one).length >= 20, 60_000);
        await stage.settled(one);

        const mine = starts(one).map(({ program }) => program);
        expect(mine).toEqual(Array(10).fill(['/usr/bin/cat', '/usr/bin/sleep']).flat());
        const log = join(folder, 'crowd-strace');
        const root = `/proc/${(await one.inspect()).State.Pid}/root`;
        const [full, empty] = [countedByStrace(log, root, script), countedByStrace(log, root, ':')];
        const calls = ['execve', 'openat', 'close', 'fadvise64', 'clock_nanosleep', 'wait4'];
        const expected = calls.map((call) => [
          call,
          (full.get(call) ?? 0) - (empty.get(call) ?? 0),
        ]);
        expect(calls.map((call) => [call, stage.total(one, call, before)])).toEqual(expected);

        closeSync(pipe);

        // Of those that were seen at all, each start belongs to the container that made it.
        const seenStarts = stage.observations.filter((each) => each.kind === 'process-start');
        let ofCrowd = 0;
        for (const start of seenStarts) {
          const mark = /crowd-\d+/.exec(start.arguments.join(' '))?.[0];
          if (mark === undefined || start.arguments.join(' ').includes('crowd-gate')) continue;
          ofCrowd += 1;
          expect([mark, start.container]).toEqual([mark, ids.get(mark)]);
        }
        expect(ofCrowd).toBeGreaterThan(0);
        await one.remove();
      },
    );

    test('of a container in trouble are told four times a second, and once a second again', async () => {
      const container = await waiting();
      const lengths = (from: number): number[] =>
        windows(container)
          .slice(from)
          .map(({ intervalMs }) => intervalMs);
      await stage.settled(container);
      const usual = windows(container).length;
      stage.sensors.setRate(container.id, 10);
      await until('eight windows', () => windows(container).length >= usual + 8, 60_000);
      // The first still holds what was not told before; a busy machine may draw single ones out.
      const shortened = lengths(usual + 1).toSorted((one, other) => one - other);
      expect(shortened[Math.floor(shortened.length / 2)]).toBeLessThan(900);
      const close = windows(container).length;
      await container.exec(['sh', '-c', 'dd if=/dev/zero of=/dev/null bs=1 count=5000']);
      stage.sensors.setRate(container.id, 1);
      await stage.settled(container);
      await stage.settled(container);
      expect(lengths(-1)[0]).toBeGreaterThan(600);
      // Nothing falls between the windows of either kind.
      expect(stage.total(container, 'write', close)).toBeGreaterThanOrEqual(5000);
      expect(stage.total(container, 'write', close)).toBeLessThan(5200);
      await container.remove();
    });

    test('tell a command from outside, and not what the runtime does on its way in', async () => {
      const container = await waiting({ healthCommand: 'true' });
      expect(await container.exec(['sh', '-c', 'ls / >/dev/null; exit 0'])).toBe(0);
      await stage.settled(container);
      const [shell] = starts(container).filter(
        (start) => start.arguments.includes('-c') && start.arguments[2]?.startsWith('ls'),
      );
      expect(shell).toMatchObject({ fromOutside: true });
      const list = starts(container).find(({ program }) => program === '/usr/bin/ls');
      expect(list).toMatchObject({ parentPid: shell?.pid, fromOutside: false });
      expect(rare(container)).toEqual([]);
      // It did make them: they are counted.
      expect(stage.total(container, 'keyctl') + stage.total(container, 'unshare')).toBeGreaterThan(
        0,
      );
      await container.remove();
    });

    test('name calls of the x32 way as the native ones that they are', async () => {
      writeFileSync(join(folder, 'x32.c'), x32Calls);
      const built = spawnSync(
        'clang',
        ['-O1', '-static', '-nostdlib', '-fno-stack-protector', '-o', 'x32', 'x32.c'],
        { cwd: folder, encoding: 'utf8' },
      );
      expect(built.stderr).toBe('');
      const container = await waiting();
      await container.exec(['/test/x32']);
      await stage.settled(container);
      expect(rare(container).map(({ call, compat }) => [call, compat])).toEqual(
        expect.arrayContaining([
          ['mount', false],
          ['ptrace', false],
        ]),
      );
      expect(stage.total(container, 'mount')).toBe(1);
      await container.remove();
    });

    test('name 32-bit calls rightly, and show what was refused', { timeout: 240_000 }, async () => {
      writeFileSync(join(folder, 'old.c'), oldCalls);
      const built = spawnSync(
        'clang',
        ['-O1', '-static', '-nostdlib', '-fno-stack-protector', '-o', 'old', 'old.c'],
        { cwd: folder, encoding: 'utf8' },
      );
      expect(built.stderr).toBe('');
      const container = await waiting();
      await container.exec(['/test/old']);
      await container.exec(['sh', '-c', 'mount -t tmpfs none /mnt; unshare -m true; true']);
      await container.exec(['cat', '/etc/shadow']);
      await stage.settled(container);
      expect(stage.total(container, 'i386:getpid')).toBe(1000);
      expect(stage.total(container, 'msync')).toBe(0);
      const told = rare(container).map(({ call, compat, error, target }) => [
        call,
        compat,
        error ?? 'done',
        target,
      ]);
      expect(told).toContainEqual(['ptrace', true, expect.any(String), '']);
      expect(told).toContainEqual(['mount', false, 'EPERM', '']);
      expect(told).toContainEqual(['unshare', false, 'EPERM', '']);
      expect(told).toContainEqual(['openat', false, 'done', '/etc/shadow']);
      const refused = windows(container).reduce(
        (sum, { failed }) => sum + (failed['mount'] ?? 0),
        0,
      );
      expect(refused).toBeGreaterThan(0);
      await container.remove();
    });

    test(
      'belong to the right one also where pid namespaces are shared or left',
      { timeout: 240_000 },
      async () => {
        const host = await waiting();
        const guest = await waiting({
          hostConfig: { PidMode: `container:${host.id}` },
          capabilities: ['SYS_ADMIN'],
        });
        await stage.settled(guest);
        const count = 'dd if=/dev/zero of=/dev/null bs=1 count=20000';
        const [hostBefore, guestBefore] = [windows(host).length, windows(guest).length];
        await guest.exec(['sh', '-c', count]);
        await guest.exec(['unshare', '-fp', 'sh', '-c', count]);
        await stage.settled(guest);
        const written = stage.total(guest, 'write', guestBefore);
        expect(written).toBeGreaterThanOrEqual(40_000);
        expect(written).toBeLessThan(40_400);
        expect(stage.total(host, 'write', hostBefore)).toBe(0);
        expect(starts(host)).toEqual([]);
        await guest.remove();
        await host.remove();
      },
    );

    test(
      'with the sensor killed, it shows as blind and comes back',
      { timeout: 240_000 },
      async () => {
        const container = await waiting();
        const loader = stage.sensors.kernelSensor();
        if (loader === undefined) throw new Error('There is no loader.');
        process.kill(loader, 'SIGKILL');
        const states = (): (string | undefined)[] =>
          stage
            .of('coverage', container)
            .filter(({ coverage }) => coverage.sensor === 'syscalls')
            .map(({ coverage }) => coverage.sight.state);
        await until('blind', () => states().includes('blind'), 60_000);
        await until('seeing again', () => states().at(-1) === 'seeing', 60_000);
        expect(stage.sensors.kernelSensor()).not.toBe(loader);
        await container.exec(['cat', '/etc/shadow']);
        await until('a call again', () => rare(container).length > 0, 60_000);
        await container.remove();
      },
    );
  },
);

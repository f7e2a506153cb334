import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../../monitor/runtime/clock.ts';
import { createOutsiderLook } from '../../../../monitor/sensors/outsiders/outsider-look.ts';
import { createOutsiderScan } from '../../../../monitor/sensors/outsiders/outsider-scan.ts';

let folder: string;

/** A process as /proc shows it. */
function process(
  pid: string,
  pidSpace: number,
  mounts: number,
  cgroup: string,
  flags = 0x400000,
): void {
  mkdirSync(join(folder, pid, 'ns'), { recursive: true });
  symlinkSync(`pid:[${pidSpace}]`, join(folder, pid, 'ns/pid'));
  symlinkSync(`mnt:[${mounts}]`, join(folder, pid, 'ns/mnt'));
  writeFileSync(join(folder, pid, 'cgroup'), `4:cpuacct:${cgroup}\n`);
  writeFileSync(join(folder, pid, 'stat'), `${pid} (a) Z 1 (b) S 1 1 1 0 -1 ${flags} 0 0 0\n`);
}

/** Its first thread has ended: what version 1 tells of that one is nothing; another goes on. */
function endFirstThread(pid: string, pidSpace: number, mounts: number, cgroup: string): void {
  process(pid, pidSpace, mounts, '/');
  rmSync(join(folder, pid, 'ns/mnt'));
  const stat = (flags: number): string =>
    `${pid} (a) S 1 1 1 0 -1 ${flags} 0 0 0 0 0 0 0 0 20 0 2 0 100 0 0\n`;
  writeFileSync(join(folder, pid, 'stat'), stat(0x400004));
  process(`${pid}/task/${pid}`, pidSpace, mounts, '/');
  writeFileSync(join(folder, pid, 'task', pid, 'stat'), stat(0x400004));
  process(`${pid}/task/${pid}0`, pidSpace, mounts, cgroup);
  writeFileSync(join(folder, pid, 'task', `${pid}0`, 'stat'), stat(0x400000));
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sentra-proc-'));
  process('self', 1, 1, '/');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ['with process ids of its own', 2],
  ["that shares the machine's process ids", 1],
])('Of a container %s what is outside its cgroup is counted', (_which, pidSpace) => {
  process('1', 1, 1, '/');
  process('70', pidSpace, 7, '/docker/agent');
  process('71', pidSpace, 7, '/docker/agent/below');
  process('72', pidSpace, 7, '/elsewhere');
  // It has ended and is not buried: version 1 tells of it as if it were in the root.
  process('73', pidSpace, 7, '/', 0x400004);
  endFirstThread('74', pidSpace, 7, '/elsewhere');
  endFirstThread('75', pidSpace, 7, '/docker/agent');
  const scan = createOutsiderScan(folder);
  scan.add('agent', {
    namespace: `pid:[${pidSpace}]`,
    mainPid: 70,
    paths: new Map([['cpuacct', '/docker/agent']]),
  });
  for (let step = 0; step < 12; step += 1) scan.step();
  expect(scan.outside('agent')).toBe(2);
  scan.remove('agent');
  expect(scan.outside('agent')).toBe(0);
});

test('All who ask for a look at once share one over the processes, and others have their turn meanwhile.', async () => {
  const paths = new Map([['cpuacct', '/docker']]);
  const scan = createOutsiderScan(folder);
  const agents = ['one', 'two', 'three', 'four'];
  for (const [index, agent] of agents.entries()) {
    const space = 100 + index;
    process(String(space), space, space, '/docker/agent');
    process(String(space + 100), space, space, '/elsewhere');
    scan.add(agent, { namespace: `pid:[${space}]`, mainPid: space, paths });
  }
  process('999', 1, 1, '/');
  // As many as are looked at in one part, and as many again.
  for (let pid = 1_000; pid < 1_600; pid += 1) {
    symlinkSync(join(folder, '999'), join(folder, String(pid)));
  }
  let turns = 0;
  let next = setImmediate(function count() {
    turns += 1;
    next = setImmediate(count);
  });
  onTestFinished(() => clearImmediate(next));
  /** For each look over the processes, how many turns others had before it was at its end. */
  const looks: number[] = [];
  const lookFor: typeof scan.lookFor = function* (containers) {
    const before = turns;
    const seen = yield* scan.lookFor(containers);
    looks.push(turns - before);
    return seen;
  };
  const look = createOutsiderLook({ ...scan, lookFor }, systemClock);
  const asked = Promise.all(agents.map(look));
  await new Promise((resolve) => setImmediate(resolve));
  // The first look is under way, and may have passed it already.
  process('9000', 100, 100, '/elsewhere');
  const later = look('one');
  await asked;
  expect(agents.slice(1).map((agent) => scan.outside(agent))).toEqual(agents.slice(1).map(() => 1));
  await later;
  expect(scan.outside('one')).toBe(2);
  expect(looks).toHaveLength(2);
  expect(looks[0]).toBeGreaterThan(1);
});

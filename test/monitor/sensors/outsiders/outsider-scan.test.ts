import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
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
  const scan = createOutsiderScan(folder);
  scan.add('agent', {
    namespace: `pid:[${pidSpace}]`,
    mainPid: 70,
    paths: new Map([['cpuacct', '/docker/agent']]),
  });
  for (let step = 0; step < 12; step += 1) scan.step();
  expect(scan.outside('agent')).toBe(1);
  scan.remove('agent');
  expect(scan.outside('agent')).toBe(0);
});

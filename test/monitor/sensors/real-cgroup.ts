import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { folderOf, parseMembership } from '../../../monitor/sensors/resource/cgroup-paths.ts';
import { readMounts } from '../../../monitor/sensors/resource/cgroup-source.ts';
import { type Capability, describeWith } from '../../engine/capabilities.ts';

/**
 * A group of tests that make cgroups and move processes, for which this process itself must be
 * root. Elsewhere it is skipped by name, and fails with CI=true.
 */
export function describeAsRoot(
  further: readonly Capability[],
  name: string,
  tests: () => void,
): void {
  if (process.getuid?.() === 0) describeWith(['root', ...further], name, tests);
  else if (process.env['CI'] !== 'true') describe.skip(`${name} (skipped, needs root)`, tests);
  else describe(name, () => test('has root', () => expect(process.getuid?.()).toBe(0)));
}

/** A cgroup of this machine in every hierarchy that matters, made for a test. Needs root. */
export interface RealCgroup {
  /** Its path within the hierarchies. */
  readonly path: string;
  /** Its folders, one for each hierarchy. */
  readonly folders: readonly string[];
  /** Moves a process into it, in all hierarchies or in that of the folder given. */
  take(pid: number, folder?: string): void;
  /** Removes it once its processes are gone. */
  remove(): Promise<void>;
}

let count = 0;

/** Makes a cgroup, at the top of the hierarchies, whose last part is `name`. */
export function makeCgroup(name = `moved-${process.pid}-${++count}`): RealCgroup {
  const path = `/sentra-sensors-${process.pid}/${name}`;
  const mounts = readMounts('/proc');
  const names = [...mounts.v1.keys()].filter((key) => !key.startsWith('name='));
  const v1 = names.map((controller) => `1:${controller}:${path}\n`).join('');
  const membership = parseMembership(`${v1}0::${path}\n`);
  const folders = new Set<string>();
  for (const controller of ['cpuacct', 'cpu', 'memory', 'pids', 'blkio'] as const) {
    const place = folderOf(mounts, membership, controller);
    if (place === undefined) continue;
    folders.add(place.folder);
    if (place.version === 2) enableControllers(place.folder.slice(0, -path.length));
    mkdirSync(place.folder, { recursive: true });
  }
  return {
    path,
    folders: [...folders],
    take(pid, folder) {
      for (const each of folder === undefined ? folders : [folder]) {
        writeFileSync(`${each}/cgroup.procs`, String(pid));
      }
    },
    async remove() {
      for (const folder of folders) {
        for (let attempt = 0; ; attempt += 1) {
          try {
            rmdirSync(folder);
            break;
          } catch (error) {
            if (attempt >= 100) throw error;
            await delay(20);
          }
        }
        try {
          rmdirSync(folder.slice(0, folder.lastIndexOf('/')));
        } catch {
          // Another cgroup of this test file is still in it; the last one removes it.
        }
      }
    },
  };
}

/** In v2 the controllers must be handed down level by level. */
function enableControllers(root: string): void {
  const parent = `${root}/sentra-sensors-${process.pid}`;
  mkdirSync(parent, { recursive: true });
  for (const folder of [root, parent]) {
    writeFileSync(`${folder}/cgroup.subtree_control`, '+cpu +memory +pids +io');
  }
}

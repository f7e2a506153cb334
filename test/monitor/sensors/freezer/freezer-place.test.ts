import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  freezerPlaceOf,
  freezesByCgroup,
} from '../../../../monitor/sensors/freezer/freezer-place.ts';
import { parseMembership, parseMounts } from '../../../../monitor/sensors/resource/cgroup-paths.ts';

const id = 'ab'.repeat(32);
const other = 'cd'.repeat(32);

const mounts = parseMounts(
  [
    '30 25 0:27 / /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer',
    '31 25 0:28 / /sys/fs/cgroup/cpuacct rw - cgroup cgroup rw,cpuacct',
  ].join('\n'),
);
const unified = parseMounts('32 25 0:29 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw');

const membership = (path: string, version: 1 | 2 = 1) =>
  parseMembership(version === 1 ? `5:freezer:${path}\n4:cpuacct:${path}\n` : `0::${path}\n`);

describe("where a container's freezer is", () => {
  test.each([
    [`/docker/${id}`, `/docker/${id}`],
    [`/docker/${id}/init.scope`, `/docker/${id}`],
    [`/system.slice/docker-${id}.scope`, `/system.slice/docker-${id}.scope`],
    [`/user.slice/libpod-${id}.scope/container`, `/user.slice/libpod-${id}.scope`],
    [`/docker/${other}/docker/${id}`, `/docker/${other}/docker/${id}`],
    [`/docker/${id}/docker/${other}`, `/docker/${id}`],
  ])('of %s is its own folder, never one above or beneath', (path, folder) => {
    expect(freezerPlaceOf(mounts, membership(path), id)).toEqual({
      version: 1,
      folder: `/sys/fs/cgroup/freezer${folder}`,
      beneath: path === folder ? undefined : `/sys/fs/cgroup/freezer${path}`,
      cpu: { version: 1, folder: `/sys/fs/cgroup/cpuacct${folder}` },
    });
    expect(freezerPlaceOf(unified, membership(path, 2), id)).toMatchObject({
      version: 2,
      folder: `/sys/fs/cgroup${folder}`,
    });
  });

  test.each(['/', `/docker`, `/docker/${other}`, `/docker/${id}x`, `/docker/x${id}`, `/../${id}`])(
    'is not at %s',
    (path) => {
      expect(freezerPlaceOf(mounts, membership(path), id)).toBeUndefined();
    },
  );

  test('whatever is not a full id has none, whatever the path', () => {
    const short = fc.oneof(
      fc.constantFrom('', '/', '.', '..', ' ', 'docker', id.toUpperCase(), `${id}0`, `${id}\n`),
      fc.integer({ min: 0, max: 63 }).map((length) => id.slice(0, length)),
      fc.string(),
    );
    const paths = fc.oneof(
      fc.constantFrom('/', '/docker', `/docker/${id}`, `/system.slice/docker-${id}.scope`),
      fc.string().map((text) => `/${text}`),
    );
    fc.assert(
      fc.property(short, paths, (container, path) => {
        fc.pre(!/^[0-9a-f]{64}$/.test(container) || container.includes('\n'));
        expect(freezerPlaceOf(mounts, membership(path), container)).toBeUndefined();
        expect(freezerPlaceOf(unified, membership(path, 2), container)).toBeUndefined();
      }),
    );
  });

  test('says nothing of sandboxes with a kernel of their own', () => {
    expect(['runc', 'crun', 'io.containerd.runc.v2', ''].map(freezesByCgroup)).toEqual(
      Array.from({ length: 4 }, () => true),
    );
    expect(['runsc', 'io.containerd.kata.v2'].map(freezesByCgroup)).toEqual([false, false]);
  });
});

/** The controllers that are read. */
export const controllers = ['cpuacct', 'cpu', 'memory', 'pids', 'blkio'] as const;

export type Controller = (typeof controllers)[number];

/** A mounted hierarchy: `root` is the cgroup that its mount point shows. */
interface Mount {
  readonly mountPoint: string;
  readonly root: string;
}

/** Where this machine has its cgroup hierarchies mounted. */
export interface CgroupMounts {
  readonly v1: ReadonlyMap<string, readonly Mount[]>;
  readonly v2: readonly Mount[];
}

/** Which cgroup a process is in: by controller for v1, and in the one hierarchy of v2. */
export interface Membership {
  readonly v1: ReadonlyMap<string, string>;
  readonly v2: string | undefined;
}

/** The folder of a controller's files, and the version whose file names they have. */
export interface CgroupFolder {
  readonly version: 1 | 2;
  readonly folder: string;
  /** The cgroup's path within its hierarchy. */
  readonly path: string;
}

/** Parses /proc/self/mountinfo (proc(5)): `… root mountPoint … - type source options`. */
export function parseMounts(text: string): CgroupMounts {
  const v1 = new Map<string, Mount[]>();
  const v2: Mount[] = [];
  for (const line of text.split('\n')) {
    const [left, right] = line.split(' - ', 2);
    const [, , , root, mountPoint] = (left ?? '').split(' ');
    const [type, , options] = (right ?? '').split(' ');
    if (root === undefined || mountPoint === undefined) continue;
    const mount = { root: unescaped(root), mountPoint: unescaped(mountPoint) };
    if (type === 'cgroup2') v2.push(mount);
    if (type !== 'cgroup') continue;
    for (const option of (options ?? '').split(',')) {
      const known = v1.get(option);
      if (known === undefined) v1.set(option, [mount]);
      else known.push(mount);
    }
  }
  return { v1, v2 };
}

/** Parses /proc/PID/cgroup (cgroups(7)): `number:controllers:path`, and `0::path` for v2. */
export function parseMembership(text: string): Membership {
  const v1 = new Map<string, string>();
  let v2: string | undefined;
  for (const line of text.split('\n')) {
    const first = line.indexOf(':');
    const second = line.indexOf(':', first + 1);
    if (first < 0 || second < 0) continue;
    const names = line.slice(first + 1, second);
    const path = line.slice(second + 1);
    if (names === '' && line.startsWith('0:')) v2 = path;
    else for (const name of names.split(',')) v1.set(name, path);
  }
  return { v1, v2 };
}

/**
 * The folder with the files of `controller` for a process. A controller is in a v1 hierarchy or in
 * the one of v2, never in both; undefined where its hierarchy is not mounted here, or shows another
 * part of the tree.
 */
export function folderOf(
  mounts: CgroupMounts,
  membership: Membership,
  controller: Controller | 'freezer',
): CgroupFolder | undefined {
  const v1Path = membership.v1.get(controller);
  if (v1Path !== undefined) {
    const folder = within(mounts.v1.get(controller) ?? [], v1Path);
    return folder === undefined ? undefined : { version: 1, folder, path: v1Path };
  }
  if (membership.v2 === undefined) return undefined;
  const folder = within(mounts.v2, membership.v2);
  return folder === undefined ? undefined : { version: 2, folder, path: membership.v2 };
}

function within(mounts: readonly Mount[], path: string): string | undefined {
  // A path with `..` lies outside the part of the tree that our cgroup namespace shows.
  if (!path.startsWith('/') || path.split('/').includes('..')) return undefined;
  for (const { root, mountPoint } of mounts) {
    if (root === '/') return path === '/' ? mountPoint : `${mountPoint}${path}`;
    if (path === root) return mountPoint;
    if (path.startsWith(`${root}/`)) return `${mountPoint}${path.slice(root.length)}`;
  }
  return undefined;
}

/** Mountinfo writes space, tab, newline and backslash as octal escapes. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

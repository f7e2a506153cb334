import type { ProcessStartObservation } from '../../model/observation.ts';

/** What an ancestor is, as far as it matters; a file that is not the image's own is `other`. */
type Role = 'installer' | 'perl' | 'other';

interface Ancestor {
  readonly parentPid: number;
  readonly role: Exclude<Role, 'other'>;
  /** What Perl was started with, without the first word; kept for `perl` alone. */
  readonly script: string | undefined;
}

/**
 * What the processes of one container were started as, by process id: the latest of them, and the
 * ancestors of these however old they are. Of most, which are many, the parent's id alone is kept.
 */
export type Lineage = Map<number, Ancestor | number>;

const mostKnown = 256;
const deepest = 32;

/** Package managers: what runs beneath one of these installs. */
const installers =
  /^(?:\/usr)?\/bin\/(?:dpkg|apt|apt-get|aptitude|rpm|dnf|yum|microdnf|zypper|pacman)[\d.]*$|^\/sbin\/apk$/;

/**
 * Scripts of the system that ask for accounts. Perl reads the shadow file for each account that it is
 * asked for as root (perlfunc, getpwnam), whether the script wants the password or not.
 */
const accountScripts =
  /^(?:\/usr)?\/sbin\/(?:adduser|addgroup|deluser|delgroup|dpkg-preconfigure|dpkg-reconfigure)$|^\/usr\/share\/debconf\/frontend$/;

/** Where scripts of packages lie. */
const packagedScripts = /^(?:\/usr)?\/(?:s?bin|lib|share)\/|^\/var\/lib\/dpkg\/(?:info|tmp\.ci)\//;

/** Takes note of a start. */
export function noteLineage(lineage: Lineage, start: ProcessStartObservation): void {
  const role = roleOf(start);
  const { parentPid } = start;
  // Deleted first, so that it is the youngest of the map; then its ancestors, for they live on.
  lineage.delete(start.pid);
  const script = role === 'perl' ? scriptOf(start.arguments) : undefined;
  lineage.set(start.pid, role === 'other' ? parentPid : { parentPid, role, script });
  let pid = parentPid;
  for (let depth = 0; depth < deepest; depth += 1) {
    const ancestor = lineage.get(pid);
    if (ancestor === undefined) break;
    lineage.delete(pid);
    lineage.set(pid, ancestor);
    pid = parentOf(ancestor);
  }
  if (lineage.size <= mostKnown) return;
  const [oldest] = lineage.keys();
  if (oldest !== undefined) lineage.delete(oldest);
}

function parentOf(ancestor: Ancestor | number): number {
  return typeof ancestor === 'number' ? ancestor : ancestor.parentPid;
}

/** The script that Perl runs; undefined where it may run anything else besides, as by `-e` and `-M`. */
function scriptOf(words: readonly string[]): string | undefined {
  const first = words.findIndex((word, index) => index > 0 && !/^-[TtWwsX]+$/.test(word));
  const script = words[first];
  return script?.startsWith('-') === true ? undefined : script;
}

function roleOf({ program, programIsNew, inMemory }: ProcessStartObservation): Role {
  if (programIsNew || inMemory) return 'other';
  if (installers.test(program)) return 'installer';
  return /\/perl[\d.]*$/.test(program) ? 'perl' : 'other';
}

/** Whether the process is the image's own dpkg, as it was seen to start. */
export function isInstalledBy(lineage: Lineage, pid: number, program: string): boolean {
  const process = lineage.get(pid);
  return (
    typeof process === 'object' &&
    process.role === 'installer' &&
    /^(?:\/usr)?\/bin\/dpkg$/.test(program)
  );
}

/**
 * Whether the process runs a script of a package by the image's own Perl beneath a package manager of
 * the image; or by hand, and then one that asks for accounts. By what was started, not by names.
 */
export function accountScript(
  lineage: Lineage,
  pid: number,
  parentPid: number,
): 'installing' | 'by-hand' | undefined {
  // What was forked and runs no program of its own is its parent.
  const process = lineage.get(pid) ?? lineage.get(parentPid);
  if (typeof process !== 'object' || process.role !== 'perl') return undefined;
  const { script } = process;
  if (script === undefined || !packagedScripts.test(script)) return undefined;
  let above = lineage.get(process.parentPid);
  for (let depth = 0; depth < deepest && above !== undefined; depth += 1) {
    if (typeof above === 'object' && above.role === 'installer') return 'installing';
    above = lineage.get(parentOf(above));
  }
  return accountScripts.test(script) ? 'by-hand' : undefined;
}

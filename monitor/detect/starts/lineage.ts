import type { ProcessStartObservation } from '../../model/observation.ts';

interface Ancestor {
  readonly program: string;
  /** Whether the program's file is the image's own. */
  readonly isOriginal: boolean;
  readonly parentPid: number;
  /** What it was started with, without the first word. */
  readonly script: string | undefined;
}

/** What the processes of one container were started as, by process id; the latest of them. */
export type Lineage = Map<number, Ancestor>;

const mostKnown = 4_096;
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
  // Deleted first, so that it is the youngest of the map.
  lineage.delete(start.pid);
  lineage.set(start.pid, {
    program: start.program,
    isOriginal: !start.programIsNew && !start.inMemory,
    parentPid: start.parentPid,
    script: start.arguments.find((word, index) => index > 0 && !word.startsWith('-')),
  });
  if (lineage.size <= mostKnown) return;
  const [oldest] = lineage.keys();
  if (oldest !== undefined) lineage.delete(oldest);
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
  if (process?.isOriginal !== true || !/\/perl[\d.]*$/.test(process.program)) return undefined;
  const { script } = process;
  if (script === undefined || !packagedScripts.test(script)) return undefined;
  let above = lineage.get(process.parentPid);
  for (let depth = 0; depth < deepest && above !== undefined; depth += 1) {
    if (above.isOriginal && installers.test(above.program)) return 'installing';
    above = lineage.get(above.parentPid);
  }
  return accountScripts.test(script) ? 'by-hand' : undefined;
}

import type {
  ProcessStartObservation,
  RareCallObservation,
  SyscallsObservation,
} from '../../model/observation.ts';
import type { Moment } from '../../model/time.ts';
import type { Workload } from '../../model/workload.ts';
import type { CallNames } from './call-names.ts';
import type { KernelCall, KernelStart, KernelWindow } from './kernel-line.ts';
import { clearedPath, errorOf, isOwnMemory, opensForWriting, socketInWords } from './rare-call.ts';

type Counted = KernelWindow['containers'][number];

/** Calls of the 32-bit table that have no number's name in common with what they are. */
const socketcall = 'socketcall';

/** A window of one container; without `counted` it made no call. */
export function windowSeen(
  workload: Workload,
  at: Moment,
  intervalMs: number,
  counted: Omit<Counted, 'ms'> | undefined,
  names: CallNames,
): SyscallsObservation {
  if (counted === undefined) return emptyWindow(workload, at, intervalMs);
  const counts: Record<string, number> = {};
  const failed: Record<string, number> = {};
  const add = (name: string, calls: number, refused: number): void => {
    counts[name] = (counts[name] ?? 0) + calls;
    if (refused > 0) failed[name] = (failed[name] ?? 0) + refused;
  };
  for (const [number, calls, refused] of counted.native) {
    add(names.native(number), calls, refused);
  }
  for (const [number, calls, refused] of counted.compat) {
    add(`i386:${names.compat(number)}`, calls, refused);
  }
  return {
    kind: 'syscalls',
    at,
    workload: workload.key,
    container: workload.container,
    intervalMs,
    counts,
    failed,
    lost: counted.lost,
    ...(counted.lostCalls > 0 && { lostCalls: counted.lostCalls }),
  };
}

/** One for all: most containers make no call in most windows. */
const noCalls: Readonly<Record<string, number>> = Object.freeze({});

function emptyWindow(workload: Workload, at: Moment, intervalMs: number): SyscallsObservation {
  return {
    kind: 'syscalls',
    at,
    workload: workload.key,
    container: workload.container,
    intervalMs,
    counts: noCalls,
    failed: noCalls,
    lost: 0,
  };
}

/** A process start. */
export function startSeen(
  workload: Workload,
  at: Moment,
  line: KernelStart,
): ProcessStartObservation {
  return {
    kind: 'process-start',
    at,
    workload: workload.key,
    container: workload.container,
    pid: line.pid,
    parentPid: line.parent,
    uid: line.uid,
    program: line.program,
    parentProgram: line.parentProgram,
    programIsNew: isNew(workload, line),
    inMemory: line.links === 0,
    network: networkOf(line),
    arguments: line.cut ? [...line.arguments, '…'] : line.arguments,
    fromOutside: line.entered,
    ...(line.gainsRoot ? { gainsRoot: true } : {}),
  };
}

/** A rare call. */
export function rareCallSeen(
  workload: Workload,
  at: Moment,
  line: KernelCall,
  names: CallNames,
): RareCallObservation {
  const name = line.compat ? names.compat(line.number) : names.native(line.number);
  const hasPath = line.path !== '' || line.file !== '';
  const call = name !== socketcall ? name : hasPath ? 'connect' : 'socket';
  const isOpen = hasPath && call !== 'connect';
  const [first, , third] = line.arguments;
  // What was really opened, where links or a folder of its own stood between.
  const target = isOpen
    ? targetOfOpen(line)
    : call === 'socket'
      ? socketInWords(first, third)
      : line.path;
  return {
    kind: 'rare-call',
    at,
    workload: workload.key,
    container: workload.container,
    call,
    compat: line.compat,
    error: errorOf(line.result),
    target,
    writes: isOpen && opensForWriting(first),
    // What was opened the kernel knows; of what was refused there is the path alone.
    own: line.own || (line.result < 0 && isOwnMemory(line.path, line.self)),
    pid: line.pid,
    parentPid: line.parent,
    uid: line.uid,
    program: line.program,
    parentUid: line.parentUid,
    programIsNew: isNew(workload, line),
  };
}

/** Whether the file that runs was made, or changed, since the container started. */
function isNew({ startedAt }: Workload, { changed }: { readonly changed: number }): boolean {
  return changed >= Math.floor((startedAt ?? 0) / 1000);
}

function networkOf(line: KernelStart): ProcessStartObservation['network'] {
  const { input, output, parentInput, remote, remotePort } = line;
  if (![input, output, parentInput].includes('network')) return undefined;
  return {
    input: input === 'network',
    output: output === 'network',
    peer: remote.includes(':') ? `[${remote}]:${remotePort}` : `${remote}:${remotePort}`,
  };
}

/**
 * What was opened, as the kernel knows it; of what was refused the path as it was handed over, cleared
 * of its detours. What lies in a /proc is told from there on, wherever that is mounted.
 */
function targetOfOpen({ path, file, inProc }: KernelCall): string {
  if (inProc) return `/proc${file}`;
  return file === '' ? clearedPath(path) : file;
}

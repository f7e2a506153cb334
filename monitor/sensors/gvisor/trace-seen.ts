import type {
  ProcessStartObservation,
  RareCallObservation,
  SyscallsObservation,
} from '../../model/observation.ts';
import type { Moment } from '../../model/time.ts';
import type { Workload } from '../../model/workload.ts';
import type { CallNames } from '../syscalls/call-names.ts';
import {
  clearedPath,
  errorOf,
  isOwnMemory,
  opensForWriting,
  socketInWords,
} from '../syscalls/rare-call.ts';
import type { TraceWindow } from './receiver-line.ts';
import type { SandboxProcesses } from './sandbox-processes.ts';
import type { TraceMessage } from './trace-message.ts';

/** A window of one container. What gVisor threw away is in `lost`: those calls are in no count. */
export function traceWindowSeen(
  workload: Workload,
  at: Moment,
  intervalMs: number,
  window: TraceWindow | undefined,
  names: CallNames,
): SyscallsObservation {
  const counts: Record<string, number> = {};
  const failed: Record<string, number> = {};
  for (const [number, calls, refused] of window?.counts ?? []) {
    const name = names.native(number);
    counts[name] = (counts[name] ?? 0) + calls;
    if (refused > 0) failed[name] = (failed[name] ?? 0) + refused;
  }
  const lost = (window?.dropped ?? 0) + (window?.lost ?? 0) + (window?.malformed ?? 0);
  const { key, container } = workload;
  const of = { at, workload: key, container } as const;
  const lostCalls = window !== undefined && window.lostCalls > 0 ? window.lostCalls : undefined;
  return {
    kind: 'syscalls',
    ...of,
    intervalMs,
    counts,
    failed,
    lost,
    ...(lostCalls === undefined ? {} : { lostCalls }),
  };
}

/**
 * What a single message tells, after it was noted in `processes`; undefined for what is only noted.
 * Ids of processes and users are those of the sandbox.
 */
export function traceMessageSeen(
  workload: Workload,
  at: Moment,
  message: TraceMessage,
  processes: SandboxProcesses,
  names: CallNames,
): ProcessStartObservation | RareCallObservation | undefined {
  if (message.kind === 'clone') {
    processes.born(message.parent, message.child, message.uid);
    return undefined;
  }
  if (message.kind === 'contact') {
    processes.connected(message.pid, message.descriptor, message.socket, message.peer);
    return undefined;
  }
  if (message.kind === 'copy') {
    processes.copied(message.pid, message.descriptor, message.file);
    return undefined;
  }
  const of = { at, workload: workload.key, container: workload.container } as const;
  const { pid, uid } = message;
  if (message.kind === 'execve' || message.kind === 'container-start') {
    if (message.kind === 'execve' && message.error !== 0) return undefined;
    // Of the first program what it was called by is told, and not where it was found.
    const isCalled = message.kind === 'execve';
    const program = isCalled ? message.path : (message.arguments[0] ?? '');
    const programIsNew = isCalled && message.isNew;
    processes.runs(pid, program, programIsNew);
    return {
      kind: 'process-start',
      ...of,
      pid,
      parentPid: processes.parentOf(pid),
      uid,
      program,
      parentProgram: processes.programOf(processes.parentOf(pid)) ?? '',
      programIsNew,
      inMemory: descriptorPath.test(program),
      network: networkOf(pid, processes),
      arguments: message.arguments,
      // The first program of a command put into a container is not told by gVisor.
      fromOutside: false,
    };
  }
  const call = names.native(message.number);
  const about = aboutOf(message, call, processes);
  if (about === undefined) return undefined;
  return {
    kind: 'rare-call',
    ...of,
    call,
    compat: false,
    error: message.error === 0 ? undefined : errorOf(-message.error),
    ...about,
    pid,
    parentPid: processes.parentOf(pid),
    uid,
    parentUid: processes.parentUidOf(pid),
    program: processes.programOf(pid) ?? message.name,
    programIsNew: processes.isNewOf(pid),
  };
}

/** A program that is run by an open file, as one that is in memory alone has to be. */
const descriptorPath = /^(?:\/proc\/(?:self|thread-self|\d+)\/fd|\/dev\/fd)\/| \(deleted\)$/;

/** Which standard files are connections; with neither, whether its parent's input is one. */
function networkOf(pid: number, processes: SandboxProcesses): ProcessStartObservation['network'] {
  const { input, output } = processes.wiresOf(pid);
  const peer = input ?? output ?? processes.wiresOf(processes.parentOf(pid)).input;
  if (peer === undefined) return undefined;
  return { input: input !== undefined, output: output !== undefined, peer };
}

type About = Pick<RareCallObservation, 'target' | 'writes' | 'own'>;

const nothing: About = { target: '', writes: false, own: false };
/** PTRACE_ATTACH and PTRACE_SEIZE of ptrace(2). */
const attaching: readonly bigint[] = [16n, 0x4206n];

/** Undefined for a call that programs make every day: the same sieve as the kernel sensor's. */
function aboutOf(
  message: Exclude<
    TraceMessage,
    { kind: 'clone' | 'contact' | 'copy' | 'execve' | 'container-start' }
  >,
  call: string,
  processes: SandboxProcesses,
): About | undefined {
  switch (message.kind) {
    case 'open': {
      const target = clearedPath(message.path);
      const writes = call === 'creat' || opensForWriting(String(message.flags));
      return { target, writes, own: isOwnMemory(target, message.pid) };
    }
    case 'connect':
      return { ...nothing, target: message.path };
    case 'socket': {
      const { family, protocol } = message;
      return { ...nothing, target: socketInWords(String(family), String(protocol)) };
    }
    case 'raw':
      return aboutRaw(message.pid, call, message.arguments, processes);
  }
}

function aboutRaw(
  pid: number,
  call: string,
  handed: readonly bigint[],
  processes: SandboxProcesses,
): About | undefined {
  const isRoot = (count: number): boolean =>
    handed.slice(0, count).some((value) => BigInt.asUintN(32, value) === 0n);
  switch (call) {
    case 'ptrace':
      if (!attaching.includes(handed[0] ?? 0n)) return undefined;
      return processes.descends(Number(handed[1] ?? 0n), pid) ? undefined : nothing;
    case 'process_vm_readv':
    case 'process_vm_writev': {
      const whom = Number(handed[0] ?? 0n);
      return whom === pid || processes.descends(whom, pid) ? undefined : nothing;
    }
    case 'setuid':
      return isRoot(1) ? nothing : undefined;
    case 'setreuid':
      return isRoot(2) ? nothing : undefined;
    case 'setresuid':
      return isRoot(3) ? nothing : undefined;
    default:
      return nothing;
  }
}

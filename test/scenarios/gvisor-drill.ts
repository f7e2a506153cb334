import type { Severity } from '../../monitor/model/finding.ts';
import { steps, type DrillStep } from './drill.ts';

/** A step of the drill as gVisor lets it end. */
export interface GvisorStep {
  readonly step: DrillStep;
  readonly severity: Severity;
  /** The error by which gVisor refuses it; undefined where it lets it. */
  readonly refused: RegExp | undefined;
}

const done = { refused: undefined } as const;
const high = { ...done, severity: 'high' } as const;
const medium = { ...done, severity: 'medium' } as const;
const low = { ...done, severity: 'low' } as const;
const refused = (by: RegExp) => ({ refused: by, severity: 'medium' }) as const;

/** What is told of each step that gVisor lets begin. */
const ends: Readonly<Record<string, Omit<GvisorStep, 'step'>>> = {
  ptrace: refused(/EPERM/),
  mount: refused(/EPERM/),
  unshare: high,
  setns: refused(/EOPNOTSUPP/),
  packet: refused(/EAFNOSUPPORT/),
  raw: refused(/EAFNOSUPPORT/),
  memory: refused(/EACCES/),
  module: refused(/EPERM/),
  keyctl: refused(/EACCES/),
  bpf: refused(/EPERM/),
  kexec: refused(/EPERM/),
  pivot: refused(/EPERM/),
  'process-vm': refused(/ENOSYS/),
  userfaultfd: refused(/ENOSYS/),
  perf: refused(/ENODEV/),
  'packet-wide': refused(/EAFNOSUPPORT/),
  'packet-old': refused(/EAFNOSUPPORT/),
  'memory-by-folder': refused(/EACCES/),
  'process-vm-covered': refused(/ENOSYS/),
  'memory-covered': refused(/EACCES/),
  flooded: refused(/EPERM/),
  crowded: medium,
  'open-tree': refused(/ENOSYS/),
  iopl: refused(/EPERM/),
  'shadow-refused': refused(/EACCES/),
  'io-uring': low,
  shadow: high,
  'named-useradd': high,
  credentials: medium,
  'root-in-vain': refused(/EPERM/),
  root: refused(/EPERM/),
  'reverse-shell': high,
  'bash-on-tcp': high,
  dropped: medium,
  'dropped-on-mount': medium,
  'from-memory': high,
};

/** gVisor starts no container that the engine's socket is mounted into. */
export const notUnderGvisor: readonly string[] = ['engine', 'engine-by-link'];

/**
 * Of a call that this release of gVisor has no entry for it tells nothing, not even that it was made;
 * and it heeds no set-uid bit, so that there is nothing to tell of.
 */
export const notToldByGvisor: readonly string[] = ['pidfd-getfd', 'set-uid'];

/** The drill under gVisor. */
export const gvisorSteps: readonly GvisorStep[] = steps.flatMap((step) => {
  const end = ends[step.name];
  if (end === undefined) return [];
  // Calls are slow there: fewer of them are as long a flood.
  const script = step.name === 'flooded' ? `${step.script} 10000` : step.script;
  return [{ step: { ...step, script }, ...end }];
});

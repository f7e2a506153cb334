import type { DetachedNetwork, UndoNotes } from '../model/containment.ts';
import type { ContainerChange, ContainerDetail, EngineAbout } from '../engine/port.ts';
import { endpointOn, positive } from './undo-notes.ts';

/** One thing that is not yet as the notes say. In the order in which they are put back. */
export type UndoStep =
  | { readonly kind: 'limits'; readonly change: ContainerChange; readonly whole: readonly string[] }
  | { readonly kind: 'network'; readonly network: DetachedNetwork }
  | { readonly kind: 'restart-policy'; readonly policy: NonNullable<UndoNotes['restartPolicy']> }
  /** Last, so that nothing runs before its limits and networks are as before. */
  | { readonly kind: 'unpause' };

/** What is left to put back: the notes against what the engine tells now. */
export function undoLeft(
  notes: UndoNotes,
  detail: ContainerDetail,
  host: Pick<EngineAbout, 'hostCpus' | 'hostMemoryBytes'>,
): readonly UndoStep[] {
  const steps: UndoStep[] = [];
  const limits = limitsLeft(notes, detail, host);
  if (limits !== undefined) steps.push(limits);
  for (const network of notes.networks) {
    if (endpointOn(detail, network) === undefined) steps.push({ kind: 'network', network });
  }
  const policy = notes.restartPolicy;
  if (policy !== undefined && policy.name !== detail.restartPolicy.name) {
    steps.push({ kind: 'restart-policy', policy });
  }
  if (notes.pausedBySentra && detail.workload.state === 'paused') steps.push({ kind: 'unpause' });
  return steps;
}

/**
 * The engine cannot make memory or CPU unlimited again, so a limit that was absent becomes the whole
 * machine. The limit of processes can be lifted (-1).
 */
function limitsLeft(
  notes: UndoNotes,
  detail: ContainerDetail,
  host: Pick<EngineAbout, 'hostCpus' | 'hostMemoryBytes'>,
): UndoStep | undefined {
  if (notes.limits === undefined) return undefined;
  const { memoryBytes, nanoCpus, cpuQuota, pids } = notes.limits;
  const change: { -readonly [Key in keyof ContainerChange]: ContainerChange[Key] } = {};
  const whole: string[] = [];

  const memoryNow = positive(detail.memoryLimitBytes);
  if (memoryBytes !== undefined && memoryNow !== memoryBytes) {
    change.memoryBytes = memoryBytes;
    // Left as it is: a limit on memory never changes an existing limit on memory and swap.
    change.memorySwapBytes = swapFor(detail.memorySwapBytes, memoryBytes);
  } else if (memoryBytes === undefined && (memoryNow ?? Infinity) < host.hostMemoryBytes) {
    change.memoryBytes = host.hostMemoryBytes;
    // Not -1: Docker 20.10 notes it and does not tell the kernel, which then refuses the memory.
    change.memorySwapBytes = 2 * host.hostMemoryBytes;
    whole.push(`memory: it had no limit, now the machine's whole ${host.hostMemoryBytes} bytes`);
  }

  const cpusNow = positive(detail.nanoCpus);
  const allCpus = host.hostCpus * 1e9;
  if (cpuQuota !== undefined) {
    if (detail.cpuQuota?.quota !== cpuQuota) change.cpuQuota = cpuQuota;
  } else if (nanoCpus !== undefined && cpusNow !== nanoCpus) {
    change.nanoCpus = nanoCpus;
  } else if (nanoCpus === undefined && (cpusNow ?? Infinity) < allCpus) {
    change.nanoCpus = allCpus;
    const all = host.hostCpus === 1 ? 'the only core' : `all ${host.hostCpus} cores`;
    whole.push(`CPU: it had no limit, now ${all} of the machine`);
  }

  const pidsNow = positive(detail.pidsLimit);
  if (pids !== pidsNow) change.pidsLimit = pids ?? -1;

  if (Object.keys(change).length === 0) return undefined;
  return { kind: 'limits', change, whole };
}

/**
 * The limit on memory and swap, bytes, to send along with a memory limit: the engine wants both at
 * once. -1 is none.
 */
export function swapFor(presentSwapBytes: number, memoryBytes: number): number {
  if (presentSwapBytes === -1) return -1;
  return Math.max(presentSwapBytes, memoryBytes);
}

/** The notes with only what `left` has not put back. */
export function notesLeft(notes: UndoNotes, left: readonly UndoStep[]): UndoNotes {
  const kinds = new Set(left.map((step) => step.kind));
  const networks = new Set(
    left.flatMap((step) => (step.kind === 'network' ? [step.network.networkId] : [])),
  );
  return {
    pausedBySentra: kinds.has('unpause'),
    networks: notes.networks.filter((network) => networks.has(network.networkId)),
    ports: notes.ports,
    restartPolicy: kinds.has('restart-policy') ? notes.restartPolicy : undefined,
    limits: kinds.has('limits') ? notes.limits : undefined,
    // Whoever puts limits back does not keep to them any more.
    ...(kinds.has('limits') ? {} : { limitedTo: undefined }),
  };
}

/** One step in words, for what is left to undo. */
export function stepInWords(step: UndoStep): string {
  switch (step.kind) {
    case 'limits':
      return 'its limits';
    case 'network':
      return `network ${step.network.networkName}`;
    case 'restart-policy':
      return `restart policy ${step.policy.name}`;
    case 'unpause':
      return 'to let it run again';
  }
}

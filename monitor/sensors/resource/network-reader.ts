import { readlinkSync } from 'node:fs';
import type { Workload } from '../../model/workload.ts';
import type { CounterSlot } from './counter-slot.ts';
import {
  expectSystemError,
  heldBytes,
  holdFile,
  readHeld,
  releaseFile,
  type HeldFile,
} from './held-file.ts';
import { interfaceBytes } from './interface-bytes.ts';

/** Whether a container's traffic can be told apart. */
export type NetworkSight = 'own' | 'inseparable' | 'unreadable';

/** Reads the traffic of a container's network namespace. */
export interface NetworkReader {
  readonly sight: NetworkSight;
  /** Fills `network`: undefined unless the sight is `own`. */
  read(into: CounterSlot): void;
  /** Fills `network` with what was read last. */
  repeat(into: CounterSlot): void;
  /**
   * Whether the main process is still in the namespace whose file is held. A held net/dev keeps
   * showing the last figures of a namespace that nobody uses any more.
   */
  isCurrent(): boolean;
  close(): void;
}

/** A record of a multi-line /proc file never ends beyond one page, so a shorter read was all. */
const pageBytes = 4096;
const longestLineBytes = 512;

/** Opens /proc/PID/net/dev of the main process. It holds the namespace: close it with the container. */
export function openNetwork(procFolder: string, pid: number, workload: Workload): NetworkReader {
  const namespacePath = `${procFolder}/${pid}/ns/net`;
  const namespace = linkOf(namespacePath);
  const kind = workload.network.kind;
  const shares =
    kind === 'host' ||
    kind === 'shared' ||
    (namespace !== undefined && namespace === linkOf(`${procFolder}/self/ns/net`));
  const file = shares ? undefined : holdFile(`${procFolder}/${pid}/net/dev`);
  const sight = shares ? 'inseparable' : file === undefined ? 'unreadable' : 'own';
  const latest = { receivedBytes: 0, sentBytes: 0, receivedPackets: 0, sentPackets: 0 };
  let known = false;

  function repeat(into: CounterSlot): void {
    into.network = known ? into.ownNetwork : undefined;
    if (known) Object.assign(into.ownNetwork, latest);
  }

  return {
    sight,
    read(into) {
      const length = file === undefined ? -1 : readAll(file);
      known = length >= 0;
      if (known) interfaceBytes(heldBytes, length, latest);
      repeat(into);
    },
    repeat,
    isCurrent: () => sight !== 'own' || linkOf(namespacePath) === namespace,
    close: () => releaseFile(file),
  };
}

/** Such files are handed out a page at a time. */
function readAll(file: HeldFile): number {
  let length = readHeld(file);
  let last = length;
  while (last >= pageBytes - longestLineBytes && length < heldBytes.length) {
    last = readHeld(file, length);
    if (last > 0) length += last;
  }
  return length;
}

/** The target of a namespace link, such as `net:[4026531840]`; undefined where it is not shown. */
export function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    expectSystemError(error);
    return undefined;
  }
}

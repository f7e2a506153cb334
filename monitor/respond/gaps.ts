import type { ContainerDetail, NetworkEndpoint } from '../engine/port.ts';
import type { KernelWord } from '../model/kernel-word.ts';
import { isBetweenRestarts } from './response-engine.ts';
import { isKnownToEngine, restartsByItself } from './undo-notes.ts';

/** How deep a container is held by taking its processes or its networks. */
export type HoldDepth = 'frozen' | 'quarantined';

/** One thing that is not as it has to be for a container that is held. */
export type Gap =
  /** Its processes run. */
  | { readonly kind: 'running' }
  /** The engine calls it paused, and by the kernel's word its processes run. */
  | { readonly kind: 'thawed' }
  /** It comes up by itself in a moment, and can be frozen only then. */
  | { readonly kind: 'between-restarts' }
  | { readonly kind: 'network'; readonly endpoint: NetworkEndpoint }
  /** The engine would start it again by itself. */
  | { readonly kind: 'restart-policy' };

/**
 * What the engine's word on a container, and the kernel's where it can be read, lack to be a container
 * held at that depth, in the order in which it is made good: first what runs. An empty list is the
 * proof.
 */
export function gapsOf(
  detail: ContainerDetail,
  depth: HoldDepth,
  kernel: KernelWord,
): readonly Gap[] {
  const gaps: Gap[] = [];
  if (depth === 'frozen') {
    if (isBetweenRestarts(detail)) gaps.push({ kind: 'between-restarts' });
    else if (detail.workload.state === 'running') gaps.push({ kind: 'running' });
    else if (detail.workload.state === 'paused' && kernel.state === 'running') {
      gaps.push({ kind: 'thawed' });
    }
  }
  // However it was created: what it is attached to now is in the endpoints.
  for (const endpoint of detail.endpoints) {
    if (isKnownToEngine(endpoint)) gaps.push({ kind: 'network', endpoint });
  }
  if (depth === 'frozen' && restartsByItself(detail)) gaps.push({ kind: 'restart-policy' });
  return gaps;
}

/** What is open where the engine's word and the kernel's differ. */
export const thawedInWords =
  "The engine calls it paused, yet by the kernel's word its processes run.";

/** A gap that stays open, in words. */
export function gapInWords(gap: Gap): string {
  switch (gap.kind) {
    case 'running':
      return 'It still runs.';
    case 'thawed':
      return thawedInWords;
    case 'between-restarts':
      return 'It is between two restarts, and is frozen as soon as it comes up.';
    case 'network':
      return `It is still attached to the network ${gap.endpoint.networkName}.`;
    case 'restart-policy':
      return 'The engine may start it again by itself.';
  }
}

import type { ContainerDetail, EngineAbout } from '../../engine/port.ts';
import type { Containment } from '../../model/containment.ts';
import { limitsInWords } from '../../respond/limit-change.ts';
import { momentInWords } from '../../respond/time-words.ts';
import { undoLeft, type UndoStep } from '../../respond/undo-left.ts';
import { nothingToUndo, restartsByItself } from '../../respond/undo-notes.ts';
import type { StillBound } from '../../rpc/service/service-disarm.ts';
import { commandsFor } from './docker-commands.ts';

type Host = Pick<EngineAbout, 'hostCpus' | 'hostMemoryBytes'>;

/** What a containment holds a container by, as the end of a line. */
export function heldInWords({ since, undo }: Containment): string {
  const { pausedBySentra, networks, restartPolicy, limits } = undo;
  const parts = [
    ...(pausedBySentra ? ['paused'] : []),
    ...(networks.length === 0
      ? []
      : [`cut off from ${networks.map(({ networkName }) => networkName).join(', ')}`]),
    ...(restartPolicy === undefined ? [] : [`its restart policy ${restartPolicy.name} held down`]),
    ...(limits === undefined ? [] : ['limited']),
  ];
  return `${parts.length === 0 ? 'held' : parts.join(', ')}, since ${momentInWords(since)}`;
}

/**
 * How a container is not free: it is paused, on no network, or what Sentra took was not put back. With
 * what a person types to free it. Undefined when nothing is known to bind it.
 */
export function boundOf(
  detail: ContainerDetail,
  kept: Containment | undefined,
  hasRecord: boolean,
  host: Host,
): StillBound | undefined {
  const { container, name, state } = detail.workload;
  const id = container.slice(0, 12);
  const steps = kept === undefined ? [] : undoLeft(kept.undo, detail, host);
  const kinds = new Set(steps.map(({ kind }) => kind));
  const words: string[] = [];
  const commands = [...commandsFor(container, steps)];
  const whose = kept === undefined && hasRecord ? notOurs : notKnown;

  const missing = steps.flatMap((step) => (step.kind === 'network' ? step.network : []));
  if (missing.length > 0) {
    const names = missing.map(({ networkName }) => networkName).join(', ');
    words.push(`It is still cut off from ${names}.`);
  } else if (isOnNoNetwork(detail)) {
    words.push(`It is on no network; ${whose}. docker inspect tells which it was created on.`);
    commands.push(`docker inspect -f '{{.HostConfig.NetworkMode}}' ${id}`);
    commands.push(`docker network connect NETWORK ${id}`);
  }
  if (kinds.has('limits')) words.push(`It is still limited: ${limitsInWords(detail)}.`);
  else if (!hasRecord) {
    const lifted = commandsFor(container, withoutLimits(detail, host));
    if (lifted.length > 0) words.push(`It has limits (${limitsInWords(detail)}); ${whose}.`);
    commands.push(...lifted);
  }
  if (kinds.has('restart-policy')) words.push('Its restart policy is still held down.');
  if (state === 'paused') {
    const isOurs = kinds.has('unpause');
    words.push(isOurs ? 'It is still paused.' : `It is paused; ${whose}.`);
    if (!isOurs) commands.push(`docker unpause ${id}`);
    if (!isOurs && !hasRecord && !restartsByItself(detail)) {
      words.push('If it had a restart policy, that may be held down.');
      commands.push(`docker update --restart=POLICY ${id}`);
    }
  }
  if (words.length === 0) return undefined;
  return { container, name, words: words.join(' '), commands };
}

const notOurs = 'Sentra’s record does not say that Sentra did that';
const notKnown = 'no record says whether Sentra did that';

/** One that was created without a network, or lives in another's, has none of its own. */
function isOnNoNetwork({ workload, endpoints }: ContainerDetail): boolean {
  const isUp = workload.state === 'running' || workload.state === 'paused';
  return isUp && workload.network.kind === 'own' && endpoints.length === 0;
}

/** From the limits that it has to none, as far as the engine can. */
function withoutLimits(detail: ContainerDetail, host: Host): readonly UndoStep[] {
  const none = {
    memoryBytes: undefined,
    nanoCpus: undefined,
    // The engine takes a quota or cores, not both; -1 is none.
    ...(detail.cpuQuota === undefined ? {} : { cpuQuota: -1 }),
    pids: undefined,
  };
  return undoLeft({ ...nothingToUndo, limits: none }, detail, host);
}

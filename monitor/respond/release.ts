import type { ActionOutcome } from '../model/action.ts';
import type { Containment, DetachedNetwork } from '../model/containment.ts';
import type { ContainerDetail } from '../engine/port.ts';
import { goneInWords } from './hold-outcome.ts';
import { createSilence, letRun, thawedUnheard } from './let-run.ts';
import { proofOf } from './proof.ts';
import type { ResponseContext } from './response-context.ts';
import { waitsOf } from './response-context.ts';
import { errorInWords, isUp } from './response-engine.ts';
import type { Subject } from './subject.ts';
import type { UndoStep } from './undo-left.ts';
import { endpointOn, ownBridge } from './undo-notes.ts';
import { notesLeft, stepInWords, undoLeft } from './undo-left.ts';

/**
 * After so many refusals a network is attached without the old address, which may have been given to
 * another meanwhile: better another address than no network.
 */
const addressTries = 2;

/** What an undo has learned on its way. */
interface Progress {
  /** Networks that no longer exist, or no longer take the container. */
  readonly lost: Set<string>;
  /** What came back otherwise than it was, in words. */
  readonly differences: Set<string>;
  readonly errors: Set<string>;
  /** How often a network refused the address that was asked for. */
  readonly addressRefusals: Map<string, number>;
  /** Networks on which it asks from now on for the address that the engine had given it. */
  readonly fixed: Set<string>;
  /** What else is to be told. */
  readonly remarks: string[];
}

/**
 * Puts back what the notes say: limits, networks (same aliases; same address where the network can
 * give it), restart policy, and lets it run last. What could not be put back for good is told as a
 * hole; what may come with another try keeps the container held, with what is left written down, and
 * the same call finishes it.
 */
export async function release(context: ResponseContext, subject: Subject): Promise<ActionOutcome> {
  const { ledger, tries } = context;
  const { container } = subject;
  const remarks: string[] = [];
  const say = (...sentences: readonly string[]): string => [...remarks, ...sentences].join(' ');
  const held = ledger.containmentOf(container);
  if (held === undefined) {
    return { state: 'refused', reason: say('Sentra does not hold it: nothing to put back.') };
  }
  const waits = waitsOf(context);
  const silence = createSilence(context, container);
  let thawed = false;
  const progress: Progress = {
    lost: new Set(),
    differences: new Set(),
    errors: new Set(),
    addressRefusals: new Map(),
    fixed: new Set(),
    remarks,
  };

  for (let round = 0; ; round += 1) {
    if (round > 1) await context.clock.sleep(waits.next());
    const seen = await silence.inspect();
    if (!seen.ok) {
      if (seen.error.kind === 'gone') {
        ledger.close(container);
        return { state: 'failed', reason: say(goneInWords, 'It is held no more.') };
      }
      progress.errors.add(errorInWords(seen.error));
      if (held.undo.pausedBySentra && (await silence.thawWhenDue(seen.error, remarks))) {
        thawed = true;
        round = 0;
      }
      if (round < tries.count) continue;
      return thawed
        ? thawedUnheard(context, subject, say(...progress.errors))
        : { state: 'failed', reason: say('Still held.', ...progress.errors) };
    }
    const left = stepsLeft(context, held, seen.value, progress);
    if (left.length === 0) {
      ledger.close(container);
      return released(held, seen.value, progress, say);
    }
    if (round === tries.count) {
      const undo = notesLeft(held.undo, left);
      ledger.keep({ ...held, undo });
      const words = left.map(stepInWords).join(', ');
      return {
        state: 'failed',
        reason: say(`Still held. Left to put back: ${words}.`, ...progress.errors),
      };
    }
    await putBack(context, seen.value, left, progress);
  }
}

/** What is left to do, without the networks that cannot come back. */
function stepsLeft(
  context: ResponseContext,
  held: Containment,
  detail: ContainerDetail,
  progress: Progress,
): readonly UndoStep[] {
  return undoLeft(held.undo, detail, context.engine.about).filter(
    (step) => step.kind !== 'network' || !progress.lost.has(step.network.networkId),
  );
}

async function putBack(
  context: ResponseContext,
  detail: ContainerDetail,
  left: readonly UndoStep[],
  progress: Progress,
): Promise<void> {
  let complete = true;
  for (const step of left) {
    // Nothing runs before everything else is as it was.
    if (step.kind === 'unpause' && !complete) return;
    const done = await putBackOne(context, detail, step, progress);
    complete &&= done;
  }
}

async function putBackOne(
  context: ResponseContext,
  detail: ContainerDetail,
  step: UndoStep,
  progress: Progress,
): Promise<boolean> {
  const { engine } = context;
  const { container } = detail.workload;
  switch (step.kind) {
    case 'limits': {
      const changed = await engine.update(container, step.change);
      for (const words of step.whole) progress.differences.add(words);
      if (!changed.ok) progress.errors.add(errorInWords(changed.error));
      return changed.ok;
    }
    case 'network':
      return attachAgain(context, detail, step.network, progress);
    case 'restart-policy': {
      const changed = await engine.update(container, { restartPolicy: step.policy });
      if (!changed.ok) progress.errors.add(errorInWords(changed.error));
      return changed.ok;
    }
    case 'unpause': {
      const thawed = await letRun(context, detail, progress.remarks);
      if (!thawed.ok) progress.errors.add(errorInWords(thawed.error));
      return thawed.ok;
    }
  }
}

async function attachAgain(
  context: ResponseContext,
  detail: ContainerDetail,
  network: DetachedNetwork,
  progress: Progress,
): Promise<boolean> {
  const { engine } = context;
  const { container } = detail.workload;
  const { networkId, networkName, aliases, links } = network;
  const refusals = progress.addressRefusals.get(networkId) ?? 0;
  // An address that is asked for is asked for at each start, which fails where another has it by then. So
  // one that was given is asked for only where programs run that know it.
  const isWanted = isUp(detail) || network.isAddressGiven !== true;
  const askAddress = isWanted && refusals < addressTries && (await canAskAddress(context, network));
  const request = {
    aliases,
    ...(links === undefined ? {} : { links }),
    ipv4: askAddress ? network.ipv4 : undefined,
    ipv6: askAddress ? network.ipv6 : undefined,
  };
  let attached = await engine.attach(networkId, container, request);
  if (!attached.ok && attached.error.kind === 'gone' && networkName === ownBridge) {
    attached = await engine.attach(ownBridge, container, request);
  }
  if (attached.ok) {
    if (askAddress && network.isAddressGiven === true) progress.fixed.add(networkName);
    return true;
  }
  if (attached.error.kind === 'gone') {
    const still = await engine.networkHasSubnet(networkId);
    if (!still.ok && still.error.kind === 'gone') {
      progress.lost.add(networkId);
      progress.differences.add(`network ${networkName} no longer exists: not attached again`);
      return true;
    }
  }
  progress.errors.add(errorInWords(attached.error));
  const isRefused = attached.error.kind === 'failed' || attached.error.kind === 'conflict';
  if (!askAddress || !isRefused) return false;
  progress.addressRefusals.set(networkId, refusals + 1);
  return refusals + 1 < addressTries ? false : attachAgain(context, detail, network, progress);
}

/** Asked again where the notes say no: it may not have been told when they were taken. */
async function canAskAddress(context: ResponseContext, network: DetachedNetwork): Promise<boolean> {
  if (network.addressCanReturn) return true;
  if (network.ipv4 === undefined && network.ipv6 === undefined) return false;
  const answer = await context.engine.networkHasSubnet(network.networkId);
  return answer.ok && answer.value;
}

function released(
  held: Containment,
  detail: ContainerDetail,
  progress: Progress,
  say: (...sentences: readonly string[]) => string,
): ActionOutcome {
  const holes = [...progress.differences, ...addressesChanged(held, detail)];
  const proof = say(
    'Released.',
    proofOf(detail),
    ...(isUp(detail) ? [] : ['It was not started.']),
    ...(detail.workload.state === 'paused'
      ? ['It stays paused: Sentra did not pause it; resume lets it run.']
      : []),
    ...[...progress.fixed].map(
      (name) =>
        `Its address on ${name} is a fixed one from now on: it does not start where another container has it by then.`,
    ),
  );
  return holes.length === 0 ? { state: 'proved', proof } : { state: 'partly', proof, holes };
}

/**
 * Which addresses and published ports are not what the notes say, in words. Containers that do not
 * run have none until they start.
 */
export function addressesChanged(held: Containment, detail: ContainerDetail): readonly string[] {
  if (!isUp(detail)) return [];
  const addresses = held.undo.networks.flatMap((network) => {
    const endpoint = endpointOn(detail, network);
    if (endpoint === undefined) return [];
    return [
      [network.ipv4, endpoint.ipv4],
      [network.ipv6, endpoint.ipv6],
    ].flatMap(([was, is]) =>
      was === is || was === undefined
        ? []
        : [`address on ${network.networkName} was ${was}, is ${is ?? 'none'}`],
    );
  });
  const ports = Object.entries(held.undo.ports ?? {}).flatMap(([port, was]) => {
    const is = detail.publishedPorts?.[port];
    return is === was ? [] : [`port ${port} was published as ${was}, is ${is ?? 'not'}`];
  });
  return [...addresses, ...ports];
}

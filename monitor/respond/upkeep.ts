import type { Action, ActionName } from '../model/action.ts';
import type { Containment } from '../model/containment.ts';
import type { Moment } from '../model/time.ts';
import type { ContainerId } from '../model/workload.ts';
import type { ContainerDetail } from '../engine/port.ts';
import type { Clock } from '../runtime/clock.ts';
import { plainText } from '../runtime/plain-text.ts';
import type { Gap, HoldDepth } from './gaps.ts';
import { gapsOf } from './gaps.ts';
import { hold } from './hold.ts';
import { holdOutcome } from './hold-outcome.ts';
import { isKnownAsDown } from './holes.ts';
import { limit } from './limit.ts';
import { limitsInWords, tighter } from './limit-change.ts';
import { kernelWordOf, runsUnseen } from './kernel-word-of.ts';
import { proofOf } from './proof.ts';
import type { ResponseContext } from './response-context.ts';
import { writeDown } from './response-context.ts';
import { isUp } from './response-engine.ts';
import { subjectOfContainment } from './subject.ts';
import { momentInWords, spanInWords } from './time-words.ts';

/** CPU seconds that a container used since a moment; undefined when it is not known. */
export type CpuUsed = (container: ContainerId, since: Moment) => number | undefined;

/** What looking after one container came to. */
export interface UpkeepEnd {
  readonly state:
    /** Nothing is held there. */
    | 'none'
    /** Held, now or again. */
    | 'held'
    /** No longer there: the containment is closed. */
    | 'closed'
    /** Something stays open; it is to be looked after again soon. */
    | 'open'
    /** The engine did not tell. */
    | 'unknown';
  readonly actions: readonly Action[];
}

/** When a container was seen held, by the wall clock and by the monotonic one. */
interface Look {
  readonly at: Moment;
  readonly monotonic: number;
}

/** Keeps what is held held. */
export interface Upkeep {
  /** Reads one container back, and contains it again where it is not as recorded. */
  lookAfter(container: ContainerId, mayAct: boolean, cpuUsed: CpuUsed): Promise<UpkeepEnd>;
  /** The container was just read back as held. */
  saw(container: ContainerId): void;
}

/** Upkeep that remembers when each container was last seen held, to bound what one did meanwhile. */
export function createUpkeep(context: ResponseContext): Upkeep {
  const { engine, ledger, clock } = context;
  const lastHeld = new Map<ContainerId, Look>();

  function look(container: ContainerId): void {
    lastHeld.set(container, { at: clock.now(), monotonic: clock.monotonic() });
  }

  /** CPU seconds since `stood` by the kernel's account; undefined where it does not tell. */
  function usedSince(container: ContainerId, stood: number | undefined): number | undefined {
    const now = context.kernel.stoodAt(container);
    const used = stood === undefined || now === undefined ? 0 : now - stood;
    return used > 0 ? used / 1e9 : undefined;
  }

  /** What it may have done since it was last seen held, as a half sentence with its full stop. */
  function ranFor(
    containment: Containment,
    last: Look | undefined,
    cpuUsed: CpuUsed,
    exactly?: number,
  ): string {
    const cpu = cpuUsed(containment.container, last?.at ?? containment.since);
    const atLeast = cpu === undefined ? '' : ` and used at least ${cpu.toFixed(2)} s of CPU`;
    const used =
      exactly === undefined
        ? atLeast
        : ` and used ${exactly.toFixed(3)} s of CPU by the kernel's account`;
    return `it ran for ${looseFor(containment, last, clock)}${used}.`;
  }

  function finish(
    containment: Containment,
    name: ActionName,
    reason: string,
    proof: string,
  ): Action {
    const subject = subjectOfContainment(containment);
    const action = ledger.begin(name, subject, { kind: 'upkeep', reason });
    return ledger.finish(action, { state: 'proved', proof });
  }

  async function holdAgain(
    containment: Containment,
    depth: HoldDepth,
    detail: ContainerDetail | undefined,
    gaps: readonly Gap[],
    cpuUsed: CpuUsed,
  ): Promise<UpkeepEnd> {
    const subject = subjectOfContainment(containment);
    const last = lastHeld.get(subject.container);
    const action = ledger.begin(nameOf(depth), subject, {
      kind: 'upkeep',
      reason: reasonOf(containment, gaps, clock.now(), last?.at),
    });
    const remarks: string[] = [];
    const stood = context.kernel.stoodAt(subject.container);
    const end = await hold(context, subject, depth, remarks);
    if (gaps.some((gap) => gap.kind === 'running' || gap.kind === 'thawed')) {
      const used = usedSince(subject.container, stood);
      remarks.push(`In between ${ranFor(containment, last, cpuUsed, used)}`);
      const startedAt = detail?.workload.startedAt;
      if (startedAt !== undefined && startedAt > containment.since) {
        remarks.push(`By the engine's clock it was started at ${momentInWords(startedAt)}.`);
      }
    }
    const actions = [ledger.finish(action, holdOutcome(end, remarks))];
    switch (end.state) {
      case 'held':
        look(subject.container);
        return { state: 'held', actions };
      case 'gone':
        lastHeld.delete(subject.container);
        return { state: 'closed', actions };
      case 'idle':
      case 'open':
      case 'listed':
        return { state: 'open', actions };
      case 'unknown':
        return { state: 'unknown', actions };
    }
  }

  /** Sets limits again that somebody has loosened; undefined where they are as they are to be. */
  async function limitAgain(
    containment: Containment,
    detail: ContainerDetail,
    mayAct: boolean,
  ): Promise<UpkeepEnd | undefined> {
    const { limitedTo } = containment.undo;
    if (limitedTo === undefined) return undefined;
    if (tighter(limitedTo, detail, engine.about.hostCpus) === undefined) return undefined;
    if (!mayAct) return { state: 'open', actions: [] };
    const subject = subjectOfContainment(containment);
    const reason = `Found with ${limitsInWords(detail)} at ${momentInWords(clock.now())}, looser than what it is limited to since ${momentInWords(containment.since)}: somebody else has changed it.`;
    const action = ledger.begin('limit', subject, { kind: 'upkeep', reason });
    const ended = ledger.finish(action, await limit(context, subject, limitedTo, []));
    const isBack = ended.outcome.state === 'proved' || ended.outcome.state === 'refused';
    return { state: isBack ? 'held' : 'open', actions: [ended] };
  }

  return {
    saw(container) {
      const depth = ledger.containmentOf(container)?.depth;
      if (depth !== 'frozen') context.kernel.forget(container);
      if (depth === undefined) lastHeld.delete(container);
      else look(container);
    },
    async lookAfter(container, mayAct, cpuUsed) {
      const containment = ledger.containmentOf(container);
      if (containment === undefined) {
        lastHeld.delete(container);
        context.kernel.forget(container);
        return { state: 'none', actions: [] };
      }
      const seen = await engine.inspect(container);
      if (!seen.ok) {
        if (seen.error.kind !== 'gone') {
          if (mayAct && (await runsUnseen(context, containment, seen.error))) {
            return holdAgain(containment, 'frozen', undefined, [{ kind: 'thawed' }], cpuUsed);
          }
          return { state: 'unknown', actions: [] };
        }
        ledger.close(container);
        lastHeld.delete(container);
        context.kernel.forget(container);
        const proof = 'The container is no longer there: nothing is left to hold or to put back.';
        return {
          state: 'closed',
          actions: [finish(containment, 'release', 'The held container is gone.', proof)],
        };
      }
      const detail = seen.value;
      const { depth } = containment;
      if (depth === 'limited') {
        return (await limitAgain(containment, detail, mayAct)) ?? { state: 'held', actions: [] };
      }
      const stood = context.kernel.stoodAt(container);
      const kernel = await kernelWordOf(context, detail, depth);
      const gaps = gapsOf(detail, depth, kernel);
      if (gaps.length > 0) {
        if (!mayAct) return { state: 'open', actions: [] };
        return holdAgain(containment, depth, detail, gaps, cpuUsed);
      }
      const limited = await limitAgain(containment, detail, mayAct);
      if (limited !== undefined) return limited;
      const last = lastHeld.get(container);
      look(container);
      const subject = subjectOfContainment(containment);
      const now = writeDown(context, subject, depth, detail, (earlier) => earlier);
      const used = kernel.state === 'frozen' ? usedSince(container, stood) : undefined;
      if (used !== undefined) {
        const reason = 'Found frozen, yet it has used CPU time since it was last seen so.';
        const proof = `Thawed in between and frozen again, not by Sentra: ${ranFor(containment, last, cpuUsed, used)} ${proofOf(detail, kernel)}`;
        return { state: 'held', actions: [finish(containment, nameOf(depth), reason, proof)] };
      }
      if (isUp(detail) || !isKnownAsDown(now) || isKnownAsDown(containment)) {
        return { state: 'held', actions: [] };
      }
      // What is frozen does not end by itself: killed as it was, or thawed first by a stopping engine.
      const before =
        depth === 'frozen' ? `Before it ended ${ranFor(containment, last, cpuUsed)}` : '';
      const proof = `It does not run and is held down. ${before} ${proofOf(detail)}`;
      return {
        state: 'held',
        actions: [finish(containment, nameOf(depth), 'The held container has ended.', proof)],
      };
    },
  };
}

function nameOf(depth: HoldDepth): ActionName {
  return depth === 'frozen' ? 'pause' : 'quarantine';
}

/**
 * How long it may have been loose, by Sentra's own clocks: the engine's may be ahead. Where the wall
 * clock was set back and no look came before, nothing can be said.
 */
function looseFor(containment: Containment, last: Look | undefined, clock: Clock): string {
  const wall = clock.now() - (last?.at ?? containment.since);
  const span = last === undefined ? wall : Math.max(wall, clock.monotonic() - last.monotonic);
  return span < 0
    ? 'an unknown time, since the clock was set back,'
    : `at most ${spanInWords(span)}`;
}

function reasonOf(
  containment: Containment,
  gaps: readonly Gap[],
  at: Moment,
  lastHeld: Moment | undefined,
): string {
  const found = gaps.map((gap) => {
    switch (gap.kind) {
      case 'running':
        return 'running';
      case 'thawed':
        return "running by the kernel's word, which the engine calls paused,";
      case 'between-restarts':
        return 'about to start again';
      case 'network':
        return `attached to ${plainText(gap.endpoint.networkName, 60)}`;
      case 'restart-policy':
        return 'with a restart policy';
    }
  });
  const last =
    lastHeld === undefined ? '' : `; it was held when last looked at, ${momentInWords(lastHeld)}`;
  return `Found ${found.join(', ')} at ${momentInWords(at)}, though ${containment.depth}, held since ${momentInWords(containment.since)}${last}.`;
}

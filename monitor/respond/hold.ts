import type { ContainerDetail, EngineError } from '../engine/port.ts';
import type { Result } from '../runtime/result.ts';
import type { Gap, HoldDepth } from './gaps.ts';
import { gapInWords, gapsOf, thawedInWords } from './gaps.ts';
import type { KernelWord } from '../model/kernel-word.ts';
import { freezeByKernel, insistOnFreeze, kernelWordOf } from './kernel-word-of.ts';
import type { ResponseContext } from './response-context.ts';
import type { Accepted } from './listed.ts';
import { readList } from './listed.ts';
import { answerSoon, isSilent } from './patience.ts';
import { waitsOf, writeDown } from './response-context.ts';
import { errorInWords, isBetweenRestarts, isUncertain, isUp } from './response-engine.ts';
import type { Subject } from './subject.ts';
import { remarkRestart } from './subject.ts';
import { undoLeft } from './undo-left.ts';
import { restartsByItself, withNetworks, withRestartPolicy, withSubnets } from './undo-notes.ts';

/** How holding ended, by what the engine told last. */
export type HoldEnd =
  /** Read back, and nothing is missing. */
  | {
      readonly state: 'held';
      readonly detail: ContainerDetail;
      readonly kernel: KernelWord;
      readonly changed: boolean;
      /** Processes that the freeze does not reach; 0 where nothing is to be frozen. */
      readonly outside: number;
    }
  /** Read back, and something is missing; `touched` is false when all is as it was before. */
  | {
      readonly state: 'open';
      readonly detail: ContainerDetail;
      readonly gaps: readonly Gap[];
      readonly errors: readonly string[];
      readonly touched: boolean;
    }
  /** Frozen by the engine's list, while it tells nothing about the container alone. */
  | {
      readonly state: 'listed';
      readonly detail: ContainerDetail | undefined;
      readonly kernel: KernelWord;
      /** What is not as it has to be, or not known to be, in words. */
      readonly open: readonly string[];
    }
  /** The engine does not tell. The containment stays written down, for upkeep to carry out. */
  | { readonly state: 'unknown'; readonly errors: readonly string[] }
  /** It does not run, and nothing would start it: there was nothing to hold. */
  | { readonly state: 'idle'; readonly detail: ContainerDetail }
  | { readonly state: 'gone' };

/**
 * Brings a container to `depth` and keeps it there in the ledger: looks, writes down what to put
 * back, makes good what is missing, looks again, up to the given number of tries. Asking for what
 * is so already changes nothing. Never makes a containment shallower. Adds to `remarks` what else is
 * to be told.
 */
export async function hold(
  context: ResponseContext,
  subject: Subject,
  depth: HoldDepth,
  remarks: string[],
): Promise<HoldEnd> {
  const { engine, ledger, tries } = context;
  const before = ledger.containmentOf(subject.container);
  const waits = waitsOf(context);
  const errors: EngineError[] = [];
  const progress = newProgress(before?.depth === 'frozen', remarks);
  let changed = false;
  let last: ContainerDetail | undefined;

  for (let round = 0; ; round += 1) {
    const seen = await answerSoon(context, 'inspect', engine.inspect(subject.container));
    if (!seen.ok) {
      if (seen.error.kind === 'gone') {
        ledger.close(subject.container);
        return { state: 'gone' };
      }
      errors.push(seen.error);
      const end = await endByList(context, subject, depth, last, progress);
      if (end !== undefined) return end;
      if (round === tries.count || isSilent(errors)) {
        return { state: 'unknown', errors: inWords(errors) };
      }
      // A freeze does not wait for the engine to tell: what to put back can be noted afterwards.
      errors.push(...(await freezeUnseen(context, subject, depth, progress)));
      await context.clock.sleep(waits.next());
      continue;
    }

    const detail = seen.value;
    last = detail;
    remarkRestart(subject, detail, remarks);
    if (round === 0 && before === undefined && isIdle(detail)) return { state: 'idle', detail };
    const kernel = await kernelWordOf(context, detail, depth);
    const gaps = gapsOf(detail, depth, kernel);
    if (gaps.length === 0) {
      // The rounds over all processes may not have come to it yet.
      if (depth === 'frozen' && changed) await context.outsiders.look(subject.container);
      note(context, subject, depth, detail);
      const outside = depth === 'frozen' ? context.outsiders.known(subject.container) : 0;
      return { state: 'held', detail, kernel, changed, outside };
    }
    if (round === tries.count) {
      return giveUp(context, subject, depth, before === undefined, { detail, gaps, errors });
    }
    if (round > 0) await context.clock.sleep(waits.next());
    changed = true;
    errors.push(...(await closeGaps(context, subject, depth, detail, gaps, progress)));
    const end = progress.late && (await endByList(context, subject, depth, last, progress));
    if (end) return end;
  }
}

/** What the engine has accepted so far. */
interface Progress extends Accepted {
  readonly networks: Set<string>;
  heldDown: boolean;
  /** It is frozen by the engine's word, now or earlier. */
  frozen: boolean;
  /** What else is to be told. */
  readonly remarks: string[];
  /** The engine did not answer soon to what it was asked about the frozen container. */
  late: boolean;
}

function newProgress(frozen: boolean, remarks: string[]): Progress {
  return { networks: new Set(), heldDown: false, frozen, remarks, late: false };
}

/** The end by the engine's list; undefined when it did not freeze the container, or does not say so. */
async function endByList(
  context: ResponseContext,
  subject: Subject,
  depth: HoldDepth,
  last: ContainerDetail | undefined,
  progress: Progress,
): Promise<HoldEnd | undefined> {
  if (!progress.frozen || depth !== 'frozen') return undefined;
  const listed = await readList(context, subject, last, progress);
  if (listed === undefined) return undefined;
  const kernel = await insistOnFreeze(context, subject.container, progress.remarks);
  const open = [...(kernel.state === 'running' ? [thawedInWords] : []), ...listed.open];
  if (last === undefined) writeDown(context, subject, depth, undefined, (earlier) => earlier, open);
  else note(context, subject, depth, last, open);
  return { state: 'listed', detail: last, kernel, open };
}

/** Does not run, and does not come up by itself. */
function isIdle(detail: ContainerDetail): boolean {
  return !isUp(detail) && !isBetweenRestarts(detail) && !restartsByItself(detail);
}

/** Writes down what is to be put back, before anything is done. */
function note(
  context: ResponseContext,
  subject: Subject,
  depth: HoldDepth,
  detail: ContainerDetail,
  open: readonly string[] = [],
): void {
  writeDown(
    context,
    subject,
    depth,
    detail,
    (earlier) => {
      const networks = withNetworks(earlier, detail);
      if (depth === 'quarantined') return networks;
      const pausedBySentra = earlier.pausedBySentra || detail.workload.state === 'running';
      return withRestartPolicy({ ...networks, pausedBySentra }, detail);
    },
    open,
  );
}

async function freezeUnseen(
  context: ResponseContext,
  subject: Subject,
  depth: HoldDepth,
  progress: Progress,
): Promise<readonly EngineError[]> {
  writeDown(context, subject, depth, undefined, (earlier) =>
    depth === 'frozen' ? { ...earlier, pausedBySentra: true } : earlier,
  );
  if (depth !== 'frozen') return [];
  const paused = await context.engine.pause(subject.container);
  progress.frozen ||= paused.ok;
  return paused.ok ? [] : [paused.error];
}

async function closeGaps(
  context: ResponseContext,
  subject: Subject,
  depth: HoldDepth,
  detail: ContainerDetail,
  gaps: readonly Gap[],
  progress: Progress,
): Promise<readonly EngineError[]> {
  const { engine } = context;
  const { container } = subject;
  const errors: EngineError[] = [];
  note(context, subject, depth, detail);

  if (gaps.some((gap) => gap.kind === 'running')) {
    const paused = await engine.pause(container);
    if (paused.ok) progress.frozen = true;
    else errors.push(paused.error);
  }
  if (gaps.some((gap) => gap.kind === 'thawed')) {
    await freezeByKernel(context, container, progress.remarks, detail);
  }
  const networks = gaps.flatMap((gap) => (gap.kind === 'network' ? [gap.endpoint.networkId] : []));
  if (networks.length > 0) await noteSubnets(context, subject, depth, detail, networks);
  const steps = networks.map((network) => async (): Promise<Result<void, EngineError>> => {
    const detached = await soon('disconnect', engine.detach(network, container));
    if (detached.ok) progress.networks.add(network);
    return detached;
  });
  if (gaps.some((gap) => gap.kind === 'restart-policy')) {
    steps.push(async () => {
      const change = { restartPolicy: { name: 'no', maximumRetryCount: 0 } };
      const held = await soon('update', engine.update(container, change));
      progress.heldDown ||= held.ok;
      return held;
    });
  }
  progress.late = false;
  for (const step of steps) {
    const done = await step();
    if (done.ok) continue;
    errors.push(done.error);
    progress.late = progress.frozen && done.error.kind === 'timeout';
    // Each further question would have to wait as long.
    if (progress.late) break;
  }
  return errors;

  function soon<Value>(
    what: string,
    answer: Promise<Result<Value, EngineError>>,
  ): Promise<Result<Value, EngineError>> {
    return progress.frozen ? answerSoon(context, what, answer) : answer;
  }
}

/** Asked after the freeze and before the networks go: it is slow, and only undo needs it. */
async function noteSubnets(
  context: ResponseContext,
  subject: Subject,
  depth: HoldDepth,
  detail: ContainerDetail,
  networks: readonly string[],
): Promise<void> {
  const answers = await Promise.all(
    networks.map(async (network) => {
      const answer = await context.engine.networkHasSubnet(network);
      return [network, answer.ok && answer.value] as const;
    }),
  );
  const subnets = new Map(answers);
  writeDown(context, subject, depth, detail, (earlier) => withSubnets(earlier, subnets));
}

function giveUp(
  context: ResponseContext,
  subject: Subject,
  depth: HoldDepth,
  isNew: boolean,
  last: {
    readonly detail: ContainerDetail;
    readonly gaps: readonly Gap[];
    readonly errors: readonly EngineError[];
  },
): HoldEnd {
  const { detail, gaps, errors } = last;
  note(context, subject, depth, detail, gaps.map(gapInWords));
  const kept = context.ledger.containmentOf(subject.container);
  const untouched =
    isNew &&
    kept !== undefined &&
    undoLeft(kept.undo, detail, context.engine.about).length === 0 &&
    // What was asked may still take effect: then the container must be known.
    !errors.some(isUncertain);
  if (untouched) context.ledger.close(subject.container);
  return { state: 'open', detail, gaps, errors: inWords(errors), touched: !untouched };
}

function inWords(errors: readonly EngineError[]): readonly string[] {
  return [...new Set(errors.map(errorInWords))];
}

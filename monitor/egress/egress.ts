import type {
  EgressProbe,
  EgressRuleProblem,
  WrittenEgressProfile,
  WrittenEgressRule,
} from '../model/egress.ts';
import type { HeldRequest } from '../model/held.ts';
import type { EgressObservation, Observation } from '../model/observation.ts';
import type { ContainerId, Workload, WorkloadKey } from '../model/workload.ts';
import { messageOf } from '../runtime/logger.ts';
import { startLoop } from '../runtime/loop.ts';
import { failed, ok, type Result } from '../runtime/result.ts';
import { createAsking, type Asking } from './ask/asking.ts';
import type { Holder } from './ask/holder.ts';
import { createDeadlines, type DeadlineRecord } from './list/deadlines.ts';
import { changeBetween, latestChange, mostChanges, takeBack } from './list/change.ts';
import type { ListChange } from './list/change.ts';
import { checkList, readRules } from './list/check-list.ts';
import { createContainerGuard } from './guard/container-guard.ts';
import type { ContainerGuard } from './guard/guard-contract.ts';
import { applyEdit, type Edited, type ListEdit } from './list/edit.ts';
import type { GuardParts } from './guard/guard-parts.ts';
import { bookFor, effectiveRules, withoutLapsed } from './list/effective-book.ts';
import { bindTo } from './list/lifetime.ts';
import { writeDocument } from './list/list-document.ts';
import { listView, profilesOf, type EgressList } from './list/list-view.ts';
import { createLockdown, type LockdownSwitch } from './list/lockdown.ts';
import { whenToLook } from './guard/look-pace.ts';
import { createLookRound } from './wall/look-round.ts';
import { noticeOf } from './list/notice.ts';
import { noteOnce } from './list/once-rules.ts';
import type { EgressRule } from './list/rule.ts';
import { combinedRules, rulesOf, type RuleBook } from './list/rule-book.ts';
import { createRuleUses, type UseRecord } from './past/rule-uses.ts';
import { rulesInForce } from './list/rules-in-force.ts';

/** Where changes are kept, so that they can be taken back. */
export interface ChangeRecord {
  /** The latest last. */
  read(workload: WorkloadKey): readonly ListChange[];
  write(workload: WorkloadKey, changes: readonly ListChange[]): void;
}

/** What guards are made of, and how often they look. */
export interface EgressParts extends Omit<GuardParts, 'asking'> {
  /** From look to look, milliseconds. */
  readonly periodMs: number;
  readonly changes: ChangeRecord;
  readonly uses: UseRecord;
  /** When rules end that hold for a time. */
  readonly deadlines: DeadlineRecord;
  /** Milliseconds that never jump. */
  readonly monotonic: () => number;
  /** Containers of the engine that nobody watches. */
  readonly unwatched: () => ReadonlySet<ContainerId>;
  /** Whether every container that the engine had at the start is known. */
  readonly isListed: () => boolean;
  /** Holds connections, where that can be. */
  readonly holder?: Holder | undefined;
  /** What a person is to be asked is another. */
  readonly onHeld: (requests: readonly HeldRequest[]) => void;
}

/** The walls around all watched containers. */
export interface Egress {
  /** A container appeared or changed; it is looked at now. */
  know(workload: Workload): void;
  /** A start, or a network that was attached, is a reason to look at once. */
  hear(observation: Observation): void;
  gone(container: ContainerId): void;
  /** A container that is not watched came, or has new interfaces: the gate lets it through. */
  passedOver(): void;
  list(workload: Pick<Workload, 'key' | 'container'>): EgressList;
  /** All profiles that there are. */
  profiles(): readonly WrittenEgressProfile[];
  /** The list as a file: JSON, with a line for each rule. */
  document(workload: WorkloadKey): string;
  /** What would be wrong with this list; and as it would hold for the container. */
  check(
    workload: Workload,
    profiles: readonly string[],
    rules: readonly WrittenEgressRule[],
  ): Result<readonly EgressRule[], readonly EgressRuleProblem[]>;
  /** The rules as they hold for the container now. */
  inForce(workload: Workload): readonly EgressRule[];
  /** Changes the workload's list; resolves when its walls follow, with what a person is to know. */
  edit(workload: Workload, edit: ListEdit, by: string): Promise<Result<string | undefined, string>>;
  /** Takes the last change of the list back; where `what` is given, only if that is the last one. */
  undo(workload: Workload, what?: string): Promise<Result<string | undefined, string>>;
  /** Closes all containers at once, whatever their lists say. */
  readonly lockdown: LockdownSwitch;
  /** What is held until somebody answers; undefined where nothing can be held. */
  readonly asking: Pick<Asking, 'requests' | 'answer'> | undefined;
  prove(container: ContainerId): Promise<Result<readonly EgressProbe[], string>>;
  /** Ends looking. Walls and resolvers stay; what only counts is taken away. */
  stop(): Promise<void>;
}

/** After so long every container that runs has been heard of. */
const settledMs = 60_000;

/** From writing to writing of how often rules were used. */
const flushMs = 60_000;

/** Knows no container. */
export function createEgress(parts: EgressParts): Egress {
  const { file, logger, now } = parts;
  const guards = new Map<ContainerId, { workload: Workload; guard: ContainerGuard }>();
  const uses = createRuleUses(parts.uses);
  const startedAt = now();
  const deadlines = createDeadlines(parts, parts.deadlines);
  const { isPast } = deadlines;
  const inForce = rulesInForce(file, isPast);
  const asking =
    parts.holder === undefined
      ? undefined
      : createAsking({ holder: parts.holder, now, rules: inForce, onChange: parts.onHeld });
  let flushedAt = startedAt;
  let hasStopped = false;

  const round = createLookRound({
    ...parts,
    isListed: () => parts.isListed() || now() - startedAt >= settledMs,
    all: () => [...guards.values()].map(({ guard }) => guard),
  });

  const knownOf = (key: WorkloadKey): readonly Workload[] =>
    [...guards.values()].flatMap(({ workload }) => (workload.key === key ? [workload] : []));

  function dropLapsed(): void {
    const book = file.book();
    const next = withoutLapsed(book, isPast, knownOf, now() - startedAt >= settledMs);
    if (next === book || !file.isKnown()) return;
    const written = file.replace(next);
    if (!written.ok) logger.error(`Rules that are over could not be taken out: ${written.error}`);
  }

  function lookAt(key?: WorkloadKey): Promise<void> {
    const entries = [...guards.values()].filter(
      ({ workload }) => key === undefined || workload.key === key,
    );
    return round.at(entries.map(({ guard }) => guard));
  }

  /** Resolves when the walls of those whose list is another one now follow it. */
  async function follow(before: RuleBook, after: RuleBook): Promise<void> {
    for (const key of after.workloads.keys()) {
      const isSame = before.workloads.get(key) === after.workloads.get(key);
      if (!isSame || before.profiles !== after.profiles) await lookAt(key);
    }
  }

  async function change(
    { key }: Workload,
    { book: next, what, profile, notice }: Edited,
  ): Promise<Result<string | undefined, string>> {
    const before = file.book();
    const written = file.replace(next);
    if (!written.ok) return written;
    const entry = changeBetween(before, next, key, what, now(), profile);
    parts.changes.write(key, [...parts.changes.read(key), entry].slice(-mostChanges));
    await follow(before, next);
    return ok(noticeOf(notice, written.value));
  }

  /** Counts what rules were used for, and notes the use of those that hold for one use. */
  function note(observation: EgressObservation): void {
    const { workload: key, container, mode, at } = observation;
    const known = guards.get(container)?.workload;
    if (known === undefined) return;
    const passed = uses.note(key, inForce(known), observation);
    if (mode !== 'enforce') return;
    const noted = noteOnce(file, key, passed, at);
    if (!noted.ok) logger.error(`The use of a rule could not be noted: ${noted.error}`);
  }

  function flush(): void {
    flushedAt = now();
    deadlines.keep();
    const book = file.book();
    uses.flush((key) => combinedRules(book, rulesOf(book, key)));
  }

  function tell(observation: EgressObservation): void {
    note(observation);
    parts.onObservation(observation);
  }

  function guardOf(workload: Workload): ContainerGuard {
    const { container, key } = workload;
    const current = (): Workload => guards.get(container)?.workload ?? workload;
    return createContainerGuard(workload, {
      ...parts,
      asking,
      file: bookFor(file, key, current, isPast),
      onObservation: tell,
    });
  }

  const loop = startLoop({
    periodMs: parts.periodMs,
    timeoutMs: 60_000,
    async run() {
      file.refresh();
      dropLapsed();
      asking?.tick();
      if (Math.abs(now() - flushedAt) >= flushMs) flush();
      await round.at([...guards.values()].flatMap(({ guard }) => (guard.isDue() ? guard : [])));
    },
    onError: (error) => logger.error(`Looking at egress failed: ${messageOf(error)}`),
  });

  return {
    know(workload) {
      if (hasStopped) return;
      const guard = guards.get(workload.container)?.guard ?? guardOf(workload);
      guards.set(workload.container, { workload, guard });
      guard.know(workload);
      dropLapsed();
      void round.at([guard]);
    },
    hear(observation) {
      const due = whenToLook(observation);
      const guard = due === undefined ? undefined : guards.get(due.container)?.guard;
      guard?.stir();
      if (guard !== undefined && due?.when === 'now' && !hasStopped) void round.at([guard]);
    },
    gone(container) {
      const ended = guards.get(container)?.guard.end();
      void ended?.then(() => parts.listener?.leave(container));
      guards.delete(container);
      dropLapsed();
      void round.gate();
    },
    list: ({ key, container }) =>
      listView(file.book(), key, {
        useOf: (rule) => uses.useOf(key, rule, now()),
        undo: parts.changes.read(key).at(-1)?.what,
        lately: guards.get(container)?.guard.lately(),
      }),
    profiles: () => profilesOf(file.book()),
    document(workload) {
      const book = file.book();
      return writeDocument(book, rulesOf(book, workload));
    },
    check(workload, profiles, written) {
      const book = file.book();
      const { key } = workload;
      const rules = readRules(written, bindTo(now(), workload));
      if (!rules.ok) return rules;
      const list = { mode: rulesOf(book, key).mode, profiles, rules: rules.value };
      const checked = checkList(book, list);
      if (!checked.ok) return checked;
      const next = { ...book, workloads: new Map(book.workloads).set(key, list) };
      return ok(effectiveRules(next, key, workload, isPast).rules);
    },
    inForce,
    async edit(workload, edit, by) {
      file.refresh();
      if (!file.isKnown()) return failed(file.problem() ?? 'The egress lists are not known.');
      const edited = applyEdit(file.book(), workload, edit, { by, now: now() });
      return edited.ok ? change(workload, edited.value) : edited;
    },
    async undo({ key }, what) {
      file.refresh();
      const changes = parts.changes.read(key);
      const last = latestChange(changes, what);
      if (!last.ok) return last;
      const book = file.book();
      const back = takeBack(book, key, last.value);
      if (!back.ok) return back;
      const written = file.replace(back.value);
      if (!written.ok) return written;
      parts.changes.write(key, changes.slice(0, -1));
      await follow(book, back.value);
      return ok(noticeOf(`Taken back: ${last.value.what}.`, written.value));
    },
    asking,
    lockdown: createLockdown(file, now, () => lookAt()),
    passedOver() {
      void round.gate();
    },
    async prove(container) {
      const guard = guards.get(container)?.guard;
      return guard === undefined ? failed('It is not watched.') : guard.prove();
    },
    async stop() {
      hasStopped = true;
      await loop.stop();
      flush();
      // Waits for what each of them has in hand, without beginning anything else.
      await Promise.all([...guards.values()].map(({ guard }) => guard.leave()));
      await round.settled();
      await parts.listener?.close();
      await asking?.close();
      await parts.carrier.close();
    },
  };
}

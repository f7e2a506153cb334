import type { ActionOutcome } from '../model/action.ts';
import type { PlannedAction } from '../model/decision.ts';
import type { ContainerChange, ContainerDetail } from '../engine/port.ts';
import { goneInWords } from './hold-outcome.ts';
import { stateInWords } from './proof.ts';
import type { ResponseContext } from './response-context.ts';
import { waitsOf, writeDown } from './response-context.ts';
import { errorInWords, isUncertain } from './response-engine.ts';
import type { Subject } from './subject.ts';
import { remarkRestart } from './subject.ts';
import { swapFor } from './undo-left.ts';
import { positive, withLimits } from './undo-notes.ts';

type LimitPlan = Extract<PlannedAction, { kind: 'limit' }>;

/**
 * Sets the limits asked for where they are tighter than those in force, having noted the old ones.
 * Only ever tightens: a limit that is lower already stays.
 */
export async function limit(
  context: ResponseContext,
  subject: Subject,
  plan: LimitPlan,
  remarks: string[],
): Promise<ActionOutcome> {
  const { engine, ledger, tries } = context;
  const { container } = subject;
  const say = (sentence: string): string => [...remarks, sentence].join(' ');
  const isNew = ledger.containmentOf(container) === undefined;
  const waits = waitsOf(context);
  const errors: string[] = [];
  let asked = false;
  let uncertain = false;

  for (let round = 0; ; round += 1) {
    const seen = await engine.inspect(container);
    if (seen.ok) {
      remarkRestart(subject, seen.value, remarks);
      const change = tighter(plan, seen.value, engine.about.hostCpus);
      if (change === undefined) {
        return asked
          ? { state: 'proved', proof: say(`Read back: ${limitsInWords(seen.value)}.`) }
          : { state: 'refused', reason: say(`So already: ${limitsInWords(seen.value)}.`) };
      }
      if (round === tries.count) {
        // Refused for certain, and nothing was held before: there is nothing to put back.
        if (isNew && !uncertain) ledger.close(container);
        const state = stateInWords(seen.value);
        return { state: 'failed', reason: say(`Not limited (${state}): ${inWords(errors)}`) };
      }
      if (round > 0) await context.clock.sleep(waits.next());
      writeDown(context, subject, 'limited', seen.value, (earlier) =>
        withLimits(earlier, seen.value),
      );
      asked = true;
      const changed = await engine.update(container, change);
      if (!changed.ok) {
        errors.push(errorInWords(changed.error));
        uncertain ||= isUncertain(changed.error);
      }
      continue;
    }
    if (seen.error.kind === 'gone') {
      ledger.close(container);
      return { state: 'failed', reason: say(goneInWords) };
    }
    errors.push(errorInWords(seen.error));
    if (round === tries.count) {
      return { state: 'failed', reason: say(`Not confirmed: ${inWords(errors)}`) };
    }
    await context.clock.sleep(waits.next());
  }
}

/** The least quota that the kernel takes, microseconds. */
const leastQuota = 1_000;

/**
 * The part of the plan that is tighter than what is in force; undefined when nothing is. More cores
 * than the machine has are no limit, and the engine would refuse all of the change for them.
 */
function tighter(
  plan: LimitPlan,
  detail: ContainerDetail,
  hostCpus: number,
): ContainerChange | undefined {
  const change: { -readonly [Key in keyof ContainerChange]: ContainerChange[Key] } = {};
  const { cpuQuota } = detail;
  if (plan.cpus !== undefined && cpuQuota !== undefined) {
    const quota = Math.max(leastQuota, Math.round(plan.cpus * cpuQuota.period));
    if (quota < cpuQuota.quota) change.cpuQuota = quota;
  } else if (plan.cpus !== undefined) {
    const nanoCpus = Math.round(plan.cpus * 1e9);
    if (nanoCpus < (positive(detail.nanoCpus) ?? hostCpus * 1e9)) change.nanoCpus = nanoCpus;
  }
  const { memoryBytes, pids } = plan;
  if (memoryBytes !== undefined && memoryBytes < (positive(detail.memoryLimitBytes) ?? Infinity)) {
    change.memoryBytes = memoryBytes;
    // The engine wants both at once, and an existing limit on swap is not Sentra's to change.
    change.memorySwapBytes = swapFor(detail.memorySwapBytes, memoryBytes);
  }
  if (pids !== undefined && pids < (positive(detail.pidsLimit) ?? Infinity)) {
    change.pidsLimit = pids;
  }
  return Object.keys(change).length === 0 ? undefined : change;
}

function limitsInWords(detail: ContainerDetail): string {
  const memory = positive(detail.memoryLimitBytes);
  const { cpuQuota } = detail;
  const byQuota = cpuQuota === undefined ? undefined : cpuQuota.quota / cpuQuota.period;
  const cpus = byQuota ?? (detail.nanoCpus > 0 ? detail.nanoCpus / 1e9 : undefined);
  const pids = positive(detail.pidsLimit);
  return [
    cpus === undefined ? 'no CPU limit' : `${cpus} cores`,
    memory === undefined ? 'no memory limit' : `${memory} bytes of memory`,
    pids === undefined ? 'no limit of processes' : `${pids} processes`,
  ].join(', ');
}

function inWords(errors: readonly string[]): string {
  return errors.length === 0
    ? 'the engine took it, and it is not in force'
    : [...new Set(errors)].join('; ');
}

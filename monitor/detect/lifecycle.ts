import type { LifecycleObservation } from '../model/observation.ts';
import type { Milliseconds, Moment } from '../model/time.ts';
import { createRing, pushToRing, ringAt, type Ring } from '../stats/ring.ts';
import { judgeBreach, type EgressBreach } from './egress-open.ts';
import type { LearnedBaseline } from './learned.ts';
import { noVerdicts, type Verdict } from './verdict.ts';
import { spanInWords } from './words.ts';

/** What happened to a container lately, as far as it is judged. */
export interface LifecycleState {
  readonly starts: Ring;
  exec: { readonly at: Moment; readonly command: string; count: number } | undefined;
  outOfMemoryAt: Moment | undefined;
  egressBreach: EgressBreach | undefined;
}

/** Four starts within two minutes are a loop. */
const loopStarts = 4;
const loopMs: Milliseconds = 120_000;

/** How long a single event stays a finding. */
const eventMs: Milliseconds = 60_000;

/** Nothing so far. */
export function createLifecycleState(): LifecycleState {
  return {
    starts: createRing(16),
    exec: undefined,
    outOfMemoryAt: undefined,
    egressBreach: undefined,
  };
}

/** Takes note of an event; commands are learned as normal while the workload is learned. */
export function noteLifecycle(
  state: LifecycleState,
  observation: LifecycleObservation,
  baseline: LearnedBaseline,
  learning: boolean,
): void {
  const { at, event } = observation;
  switch (event.name) {
    case 'start':
      pushToRing(state.starts, at);
      return;
    case 'out-of-memory':
      state.outOfMemoryAt = at;
      return;
    case 'exec':
      if (learning) baseline.execs += 1;
      else if (baseline.execs === 0) {
        state.exec = {
          at,
          command: event.command.slice(0, 120),
          count: (state.exec?.count ?? 0) + 1,
        };
      }
      return;
    case 'die':
    case 'health':
    case 'network-attach':
    case 'network-detach':
    case 'pause':
    case 'unpause':
    case 'restart':
    case 'destroy':
      return;
  }
}

/** The verdicts that hold at `at`. */
export function judgeLifecycle(state: LifecycleState, at: Moment): readonly Verdict[] {
  const { starts, exec, outOfMemoryAt, egressBreach } = state;
  const isPlain = exec === undefined && outOfMemoryAt === undefined && egressBreach === undefined;
  if (isPlain && starts.size < loopStarts) return noVerdicts;
  const verdicts: Verdict[] = [...judgeBreach(state.egressBreach, at)];
  const first = ringAt(state.starts, loopStarts - 1);
  const last = ringAt(state.starts, 0);
  // Absolute spans: the clock may have been set back since.
  if (
    first !== undefined &&
    last !== undefined &&
    Math.abs(last - first) <= loopMs &&
    Math.abs(at - last) < loopMs
  ) {
    verdicts.push(restartLoop(state, first, last));
  }
  if (state.exec !== undefined && Math.abs(at - state.exec.at) < eventMs) {
    verdicts.push({
      kind: 'unexpected-exec',
      series: 'exec',
      severity: 'medium',
      score: 1,
      onsetAt: state.exec.at,
      sentence:
        `A command was started in it from outside, which never happened while it was learned: ` +
        `\`${state.exec.command}\`.`,
      evidence: [
        {
          series: 'commands from outside',
          unit: 'count',
          observed: state.exec.count,
          expected: { low: 0, high: 0 },
          recent: [{ at: state.exec.at, value: 1 }],
        },
      ],
      technique: { id: 'T1609', name: 'Container Administration Command' },
    });
  }
  if (state.outOfMemoryAt !== undefined && Math.abs(at - state.outOfMemoryAt) < eventMs) {
    verdicts.push({
      kind: 'out-of-memory',
      series: 'out of memory',
      severity: 'medium',
      score: 1,
      onsetAt: state.outOfMemoryAt,
      sentence: 'The kernel killed a process in it because its memory limit was met.',
      evidence: [],
      technique: undefined,
    });
  }
  return verdicts;
}

function restartLoop(state: LifecycleState, first: Moment, last: Moment): Verdict {
  const recent: { at: Moment; value: number }[] = [];
  for (let back = state.starts.size - 1; back >= 0; back -= 1) {
    const at = ringAt(state.starts, back);
    if (at !== undefined) recent.push({ at, value: 1 });
  }
  return {
    kind: 'restart-loop',
    series: 'restarts',
    severity: 'medium',
    score: Math.min(1, loopStarts / 8),
    onsetAt: first,
    sentence: `Started ${loopStarts} times within ${spanInWords(last - first)}: it ends soon after each start and is started again.`,
    evidence: [
      {
        series: 'starts',
        unit: 'restarts',
        observed: loopStarts,
        expected: { low: 0, high: 1 },
        recent,
      },
    ],
    technique: undefined,
  };
}

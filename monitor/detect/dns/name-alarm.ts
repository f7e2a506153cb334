import type { AskedName } from '../../model/egress.ts';
import type { Milliseconds, Moment } from '../../model/time.ts';
import { ruledVerdict } from '../budget/ruled-verdict.ts';
import type { Profile } from '../profile.ts';
import { noVerdicts, type Verdict } from '../verdict.ts';
import {
  acceptDomain,
  barNats,
  createNameWatch,
  judgeName,
  type LearnedDomains,
  type NameStep,
  type NameWatch,
} from './name-tunnel.ts';
import { splitName } from './registered-domain.ts';

/** Names that one container asks for, as they are judged live. The step updates it in place. */
export interface NameAlarm {
  readonly watch: NameWatch;
  /** What holds, by the domain. */
  readonly held: Map<string, { verdict: Verdict; at: Moment }>;
}

/** The names come every few seconds, and only when there are some: a verdict is held for so long. */
const holdMs: Milliseconds = 60_000;

/** Domains told of at a time. */
const mostHeld = 16;

/** Nothing asked. */
export function createNameAlarm(): NameAlarm {
  return { watch: createNameWatch(), held: new Map() };
}

/** Takes the names of one interval, which were asked at about `at`. */
export function noteNames(
  alarm: NameAlarm,
  { domains, budget }: Pick<Profile, 'domains' | 'budget'>,
  names: readonly AskedName[],
  at: Moment,
  step: NameStep,
): void {
  for (const { name } of names) {
    const tunnel = judgeName(alarm.watch, domains, { at, name }, step);
    if (tunnel === undefined) continue;
    const { owner } = splitName(name);
    if (!alarm.held.has(owner) && alarm.held.size >= mostHeld) continue;
    const { series, severity, score, onsetAt, sentence, evidence, technique } = tunnel;
    const verdict = ruledVerdict(
      budget,
      { source: 'names', strength: Math.log(tunnel.nats / barNats), at },
      {
        kind: 'dns-tunnel',
        series,
        // Twice the bar leaves no doubt; an alarm of this kind is for a person to judge all the same.
        severity: severity === 'high' ? 'medium' : 'low',
        score,
        onsetAt,
        sentence,
        evidence,
        technique,
      },
    );
    alarm.held.set(owner, { verdict, at });
  }
}

/** The verdicts that hold at `at`. */
export function judgeNameAlarm(alarm: NameAlarm, at: Moment): readonly Verdict[] {
  if (alarm.held.size === 0) return noVerdicts;
  const verdicts: Verdict[] = [];
  for (const [owner, held] of alarm.held) {
    if (Math.abs(at - held.at) < holdMs) verdicts.push(held.verdict);
    else alarm.held.delete(owner);
  }
  return verdicts;
}

/** The person holds normal what was told of a domain. */
export function acceptNameAlarm(alarm: NameAlarm, domains: LearnedDomains, series: string): void {
  for (const [owner, { verdict }] of alarm.held) {
    if (verdict.series !== series) continue;
    acceptDomain(alarm.watch, domains, owner);
    alarm.held.delete(owner);
  }
}

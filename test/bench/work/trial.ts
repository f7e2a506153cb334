import {
  beginContainer,
  createDetection,
  stepDetection,
  type Detection,
} from '../../../monitor/detect/detection.ts';
import type { DetectSettings } from '../../../monitor/detect/settings.ts';
import { atLeast, type Finding } from '../../../monitor/model/finding.ts';
import type {
  ContainerObservation,
  ResourceObservation,
} from '../../../monitor/model/observation.ts';
import type { Milliseconds, Moment } from '../../../monitor/model/time.ts';
import type { ContainerTraits } from './container-traits.ts';
import { wrongIn } from './explanation.ts';
import type { Injection } from './incident.ts';

/** A container that was watched at work for a while: what the detectors know, and what comes next. */
export interface Watched {
  readonly detection: Detection;
  readonly traits: ContainerTraits;
  /** The work that follows, for longer than any trial lasts. */
  readonly next: readonly ContainerObservation[];
}

/** Has one container watched for `watchedMs` of its work, and takes `nextMs` more out of it. */
export function watchWork(
  settings: DetectSettings,
  traits: ContainerTraits,
  work: Iterator<ContainerObservation>,
  { watchedMs, nextMs }: { readonly watchedMs: Milliseconds; readonly nextMs: Milliseconds },
): Watched {
  const detection = createDetection(settings);
  beginContainer(detection, traits.workload, traits.container, undefined, []);
  const next: ContainerObservation[] = [];
  let start: Moment | undefined;
  for (;;) {
    const { value } = work.next() as IteratorYieldResult<ContainerObservation>;
    start ??= value.at;
    if (value.at - start > watchedMs + nextMs) return { detection, traits, next };
    if (value.at - start > watchedMs) next.push(value);
    else stepDetection(detection, value);
  }
}

/** What came of one incident in one container. */
export interface Trial {
  /** From the onset to the first finding that names the incident rightly; undefined without one. */
  readonly foundMs: Milliseconds | undefined;
  readonly finding: Finding | undefined;
  /** Kinds above info that were told beside it, and are not told without the incident. */
  readonly beside: readonly string[];
  /** What was recorded as info alone. */
  readonly infos: readonly string[];
}

/**
 * Lets an incident begin at `onset` within the work that follows, and looks until it is named rightly
 * or `untilMs` are over. Where the detectors ask for a closer look, readings come ten times a second
 * for three seconds, as the sampler gives them live. `without` are findings told without the incident.
 */
export function tryIncident(
  watched: Watched,
  injection: Injection,
  onset: Moment,
  untilMs: Milliseconds,
  without: ReadonlySet<string> = new Set(),
): Trial {
  // Each trial begins from the same knowledge.
  const detection = structuredClone(watched.detection);
  const beside = new Set<string>();
  const infos = new Set<string>();
  let closerUntil = -Infinity;
  for (const original of watched.next) {
    const isClose = original.at <= closerUntil;
    for (const observation of injected(original, injection, onset, isClose, watched.traits)) {
      if (observation.at > onset + untilMs) {
        return { foundMs: undefined, finding: undefined, beside: [...beside], infos: [...infos] };
      }
      const { findings, attention } = stepDetection(detection, observation);
      if (attention) closerUntil = observation.at + closerMs;
      for (const finding of findings) {
        if (finding.at < onset || finding.status === 'closed' || without.has(slotOf(finding)))
          continue;
        if (!atLeast(finding.severity, 'low')) infos.add(finding.kind);
        else {
          const foundMs = observation.at - onset;
          const claims = injection.explained(finding.kind, foundMs);
          const wrong = wrongIn(finding, claims);
          if (wrong === undefined) {
            return { foundMs, finding, beside: [...beside], infos: [...infos] };
          }
          beside.add(claims.length === 0 ? finding.kind : `${finding.kind} that ${wrong}`);
        }
      }
    }
  }
  return { foundMs: undefined, finding: undefined, beside: [...beside], infos: [...infos] };
}

/** Findings above info that the work leads to by itself, as `tryIncident` leaves them out. */
export function toldWithout(watched: Watched): ReadonlySet<string> {
  const detection = structuredClone(watched.detection);
  const told = new Set<string>();
  for (const observation of watched.next) {
    for (const finding of stepDetection(detection, observation).findings) {
      if (atLeast(finding.severity, 'low')) told.add(slotOf(finding));
    }
  }
  return told;
}

/** How long the sampler looks closely after it was asked to. */
const closerMs: Milliseconds = 3_000;

function slotOf({ kind, evidence }: Finding): string {
  return `${kind} ${evidence[0]?.series ?? ''}`;
}

/** What is seen in the place of one observation while the incident goes on, in the order of time. */
function injected(
  original: ContainerObservation,
  injection: Injection,
  onset: Moment,
  isClose: boolean,
  { workload, container }: ContainerTraits,
): readonly ContainerObservation[] {
  if (original.at < onset) return [original];
  const sinceMs = original.at - onset;
  if (original.kind === 'syscalls') {
    const window = injection.syscalls ? injection.syscalls(original, sinceMs) : original;
    return window === undefined ? [] : [window];
  }
  if (original.kind !== 'resource') return [original];
  const seen: ContainerObservation[] = [];
  let fromMs = Math.max(0, sinceMs - original.intervalMs);
  for (const reading of isClose ? inTenths(original) : [original]) {
    const toMs = reading.at - onset;
    if (toMs < 0) {
      seen.push(reading);
      continue;
    }
    const changed = injection.resource ? injection.resource(reading, toMs) : reading;
    for (const also of injection.also?.(fromMs, toMs) ?? []) {
      const of = { at: onset + also.sinceMs, workload, container };
      seen.push({ ...also.observation, ...of });
    }
    if (changed !== undefined) seen.push(changed);
    fromMs = toMs;
  }
  return seen;
}

/** The same reading as a sampler at ten hertz would have had it. */
function inTenths(reading: ResourceObservation): readonly ResourceObservation[] {
  const parts = Math.max(1, Math.round(reading.intervalMs / 100));
  const intervalMs = reading.intervalMs / parts;
  return Array.from({ length: parts }, (_, part) => ({
    ...reading,
    at: reading.at - (parts - 1 - part) * intervalMs,
    intervalMs,
    forksRefused: reading.forksRefused === undefined ? undefined : reading.forksRefused / parts,
  }));
}

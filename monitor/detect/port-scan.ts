import type { EgressDestination } from '../model/egress.ts';
import type { EgressObservation } from '../model/observation.ts';
import type { Milliseconds, Moment } from '../model/time.ts';
import { noVerdicts, type Verdict } from './verdict.ts';
import { countInWords, spanInWords } from './words.ts';

/** Where a container tried to get to within the last minute, and nobody answered. */
export interface PortScan {
  /** By address, protocol and port: when it was last tried. */
  readonly unanswered: Map<string, Moment>;
  /**
   * Places that answered once, the one not talked to for longest first: one that is only kept open says
   * as little as a refusal.
   */
  readonly answered: Set<string>;
  /** Tries beyond what was listed, look by look. */
  readonly beyond: { readonly at: Moment; readonly count: number }[];
  /** What the latest looks came to, oldest first, while there was anything to count. */
  readonly looks: { readonly at: Moment; readonly value: number }[];
  /** What the latest look came to while it was a scan. */
  found: ScanFound | undefined;
}

interface ScanFound {
  readonly onsetAt: Moment;
  readonly at: Moment;
  readonly tries: number;
  /** Whether there were more than are remembered. */
  readonly isMore: boolean;
}

/** How far back tries are added up, and how long a scan stays a finding after the last of them. */
const windowMs: Milliseconds = 60_000;

/**
 * So many places that do not answer within a minute are a scan. An honest program meets a few: a
 * mirror that is down, both addresses of a name without a route; it does not go on to ever others.
 */
const leastTries = 30;

/** So many leave no doubt. */
const sureTries = 300;

/** Less than this is a refusal: a reset of TCP, an ICMP message, bytes. */
const leastAnswer = 100;

/** Places remembered; a scan has been told of long before. */
const mostKept = 1024;

/** Looks shown with a finding: five minutes of them. */
const mostLooks = 60;

/** Nothing tried. */
export function createPortScan(): PortScan {
  return { unanswered: new Map(), answered: new Set(), beyond: [], looks: [], found: undefined };
}

/** Takes the destinations of one look. */
export function noteDestinations(scan: PortScan, observation: EgressObservation): void {
  const { at, destinations, omitted } = observation;
  forgetBefore(scan, at);
  let silent = 0;
  for (const destination of destinations) {
    const place = placeOf(destination);
    if (destination.receivedBytes >= leastAnswer) {
      scan.unanswered.delete(place);
      noteAnswered(scan, place);
      continue;
    }
    if (scan.answered.has(place)) {
      // One that is kept open is not forgotten for others.
      noteAnswered(scan, place);
      continue;
    }
    silent += 1;
    if (scan.unanswered.size < mostKept || scan.unanswered.has(place)) {
      scan.unanswered.set(place, at);
    }
  }
  // Of those that are not listed it is not known whether they answered: they are as the listed ones.
  // Where none is listed nothing is known of them.
  if (omitted > 0 && silent > 0 && silent >= 0.9 * destinations.length) {
    scan.beyond.push({ at, count: omitted });
  }
  const beyond = scan.beyond.reduce((sum, { count }) => sum + count, 0);
  const tries = scan.unanswered.size + beyond;
  noteLook(scan, at, tries);
  if (tries < leastTries) return;
  const onsetAt = scan.found?.onsetAt ?? Math.min(at, ...scan.unanswered.values());
  scan.found = { onsetAt, at, tries, isMore: scan.unanswered.size >= mostKept };
}

/** The verdict that holds at `at`, if any. */
export function judgePortScan(scan: PortScan, at: Moment): readonly Verdict[] {
  const { found } = scan;
  if (found === undefined) return noVerdicts;
  // An absolute span: the clock may have been set back since.
  if (Math.abs(at - found.at) >= windowMs) {
    scan.found = undefined;
    return noVerdicts;
  }
  const { tries, onsetAt } = found;
  const [example] = scan.unanswered.keys();
  const such = example === undefined ? '' : `, such as ${example}`;
  const lasted = found.at - onsetAt;
  const within = lasted < 1_000 ? '' : `, for ${spanInWords(lasted)} now`;
  return [
    {
      kind: 'port-scan',
      series: 'destinations',
      severity: tries >= sureTries ? 'high' : 'medium',
      score: Math.min(1, tries / sureTries),
      onsetAt,
      sentence:
        `Tried ${found.isMore ? 'more than ' : ''}${countInWords(tries)} addresses and ports within a minute that do not ` +
        `answer, or refuse${such}${within}; programs at work do not look around so.`,
      evidence: [
        {
          series: 'unanswered destinations',
          unit: 'count',
          observed: tries,
          expected: { low: 0, high: leastTries },
          recent: [...scan.looks],
        },
      ],
      technique: { id: 'T1046', name: 'Network Service Discovery' },
    },
  ];
}

/** As a person reads it; the parts come from the kernel's own tables. */
function placeOf({ address, protocol, port }: EgressDestination): string {
  return port === undefined ? `${address} (${protocol})` : `${address} port ${port} (${protocol})`;
}

function noteLook({ looks }: PortScan, at: Moment, value: number): void {
  // A container that tries nothing in vain, which is nearly every one, keeps nothing.
  if (value === 0 && looks.length === 0) return;
  if (looks.length >= mostLooks) looks.shift();
  looks.push({ at, value });
  if (looks.every((look) => look.value === 0)) looks.length = 0;
}

function noteAnswered({ answered }: PortScan, place: string): void {
  answered.delete(place);
  if (answered.size >= mostKept) {
    const [oldest] = answered;
    if (oldest !== undefined) answered.delete(oldest);
  }
  answered.add(place);
}

function forgetBefore(scan: PortScan, at: Moment): void {
  for (const [place, triedAt] of scan.unanswered) {
    if (Math.abs(at - triedAt) >= windowMs) scan.unanswered.delete(place);
  }
  while (scan.beyond[0] !== undefined && Math.abs(at - scan.beyond[0].at) >= windowMs) {
    scan.beyond.shift();
  }
}

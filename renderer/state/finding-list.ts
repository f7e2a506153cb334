import { severities, type Finding, type Mute, type Triage } from './model.ts';

export const findingFilters = ['open', 'closed', 'all'] as const;

/** Which findings the list shows. */
export type FindingFilter = (typeof findingFilters)[number];

/** The findings that match: the open ones first, of those the gravest, and then the latest. */
export function listedFindings(
  findings: Iterable<Finding>,
  filter: FindingFilter,
  words: string,
  nameOf: (finding: Finding) => string,
): Finding[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return [...findings]
    .filter((finding) => filter === 'all' || finding.status === filter)
    .filter((finding) => {
      const text = `${nameOf(finding)} ${finding.kind} ${finding.severity} ${finding.sentence}`;
      return wanted.every((word) => text.toLowerCase().includes(word));
    })
    .sort(byUrgency);
}

/** Open before over; of the open ones the gravest first; then the latest. */
export function byUrgency(one: Finding, other: Finding): number {
  if (one.status !== other.status) return one.status === 'open' ? -1 : 1;
  const graver = severities.indexOf(other.severity) - severities.indexOf(one.severity);
  return one.status === 'open' && graver !== 0 ? graver : other.onsetAt - one.onsetAt;
}

/**
 * The one beside the list: what was asked for, and no other in its place where it is not known. Where
 * none was asked for, what was shown before, so that none takes its place under the pointer of a
 * person about to press a button; else the first.
 */
export function shownFinding(
  findings: ReadonlyMap<string, Finding>,
  asked: string | undefined,
  kept: string | undefined,
  list: readonly Finding[],
): Finding | undefined {
  if (asked !== undefined) return findings.get(asked);
  return (kept === undefined ? undefined : findings.get(kept)) ?? list[0];
}

/** The mute that silences it now; undefined when there is none. */
export function muteOf(
  triage: Triage | undefined,
  { workload, kind }: Finding,
  now: number,
): Mute | undefined {
  return triage?.mutes.find(
    (mute) => mute.workload === workload && mute.kind === kind && mute.until > now,
  );
}

const kindWords: Readonly<Record<string, string>> = {
  'level-shift': 'Level beyond the learned range',
  drift: 'Steady growth',
  'memory-runaway': 'Memory runs away',
  'pids-runaway': 'Processes run away',
  'fork-bomb': 'Fork bomb',
  'sustained-cpu': 'Computing without end',
  'network-flood': 'Network flood',
  'sustained-upload': 'Upload without end',
  'restart-loop': 'Restart loop',
  'unexpected-exec': 'Command from outside',
  'out-of-memory': 'Out of memory',
  'escape-attempt': 'Escape attempt',
  'reverse-shell': 'Reverse shell',
  'dropped-program': 'Dropped program',
  'unusual-process': 'Unusual process',
  'egress-open': 'Egress open',
  'fan-out': 'Reaches for many destinations',
  'first-contact': 'Talks to somewhere new',
  beaconing: 'Regular contact with something new',
  'unusual-calls': 'Unusual system calls',
  'dns-tunnel': 'Data in DNS names',
  'port-scan': 'Looks around in the network',
  'several-senses': 'Strange, all taken together',
};

/** A kind of finding as a person says it. */
export function kindName(kind: string): string {
  const word = kind.replaceAll('-', ' ');
  return kindWords[kind] ?? word.charAt(0).toUpperCase() + word.slice(1);
}

import type { KnownFinding, WorkloadSilence } from './state.ts';

/** Findings, and workloads with a cool-down, that are remembered at once. */
const mostKept = 1000;

/** Matches of a rule with a finding, and cool-downs, over all of them: many rules, fewer findings. */
const mostEntries = 20_000;

/** The findings that are remembered: when there are too many, closed ones go first, then the oldest. */
export function keptFindings(findings: readonly KnownFinding[]): readonly KnownFinding[] {
  if (fits(findings, matchesOf)) return findings;
  const closedFirst = [
    ...findings.filter(({ status }) => status === 'closed'),
    ...findings.filter(({ status }) => status === 'open'),
  ];
  const kept = new Set(newest(closedFirst, matchesOf));
  return findings.filter((finding) => kept.has(finding));
}

/** The cool-downs that are remembered: those of the workloads decided on last. */
export function keptSilences(silences: readonly WorkloadSilence[]): readonly WorkloadSilence[] {
  return fits(silences, cooldownsOf) ? silences : newest(silences, cooldownsOf);
}

function matchesOf(finding: KnownFinding): number {
  return finding.matches.length;
}

function cooldownsOf(silence: WorkloadSilence): number {
  return silence.rules.reduce((sum, { acted }) => sum + 1 + acted.length, 0);
}

function fits<Item>(items: readonly Item[], size: (item: Item) => number): boolean {
  return (
    items.length <= mostKept && items.reduce((sum, item) => sum + size(item), 0) <= mostEntries
  );
}

/** As many of the last items as there is room for. */
function newest<Item>(items: readonly Item[], size: (item: Item) => number): readonly Item[] {
  let entries = 0;
  let first = items.length;
  while (first > 0 && items.length - first < mostKept) {
    const item = items[first - 1];
    if (item === undefined) break;
    entries += size(item);
    if (entries > mostEntries) break;
    first -= 1;
  }
  return items.slice(first);
}

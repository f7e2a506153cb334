import type { Finding, Triage } from './model.ts';

/** What a person said of a finding, and what they may say of it now. */
export type FindingWord =
  | {
      readonly said: 'nothing';
      readonly isOpen: boolean;
      /** What is over shows nothing to be learned, but for uploads, which the monitor still knows. */
      readonly mayAcknowledge: boolean;
      readonly mayCallFalse: boolean;
    }
  /** That what it shows is normal; it is open. */
  | { readonly said: 'normal'; readonly mayCallFalse: boolean }
  /** That it was a false alarm. All that may be said is that it was none, open, over or open again. */
  | { readonly said: 'false-alarm'; readonly isOpen: boolean };

/** What was said of the finding, and may be. */
export function wordOn(triage: Triage | undefined, finding: Finding): FindingWord {
  const says = triage?.words.find((word) => word.finding === finding.id)?.says;
  const isOpen = finding.status === 'open';
  if (says === 'false-alarm') return { said: 'false-alarm', isOpen };
  const mayCallFalse = isBudgetedAlarm(finding);
  // That it is normal ends with it, whichever of the two is heard of first.
  if (says === 'normal' && isOpen) return { said: 'normal', mayCallFalse };
  const mayAcknowledge = isOpen || finding.kind === 'sustained-upload';
  return { said: 'nothing', isOpen, mayAcknowledge, mayCallFalse };
}

/**
 * Whether the finding is an alarm that the budget of false alarms let through, so that it can be called
 * a false one. The monitor knows it by the same: `sourceOf`.
 */
export function isBudgetedAlarm({ id, kind, severity }: Finding): boolean {
  if (severity === 'info') return false;
  const series = id.split('|')[2] ?? '';
  switch (kind) {
    case 'level-shift':
    case 'unusual-calls':
    case 'dns-tunnel':
    case 'several-senses':
      return true;
    case 'sustained-cpu':
      return series === 'CPU without rest';
    case 'sustained-upload':
      return series.startsWith('bytes sent to ');
    default:
      return false;
  }
}

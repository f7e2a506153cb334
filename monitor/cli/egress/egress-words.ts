import type {
  EgressDestination,
  EgressLifetime,
  EgressSpan,
  EgressRuleUse,
  SeenDestination,
  SeenKind,
  SeenName,
  WrittenEgressProfile,
  WrittenEgressRule,
} from '../../model/egress.ts';
import type { EgressView } from '../../rpc/service/egress-service.ts';
import { bytesInWords } from '../../detect/words.ts';
import { assertNever } from '../../runtime/assert-never.ts';
import { countOf } from '../terminal/figures.ts';
import { oneLine } from '../terminal/width.ts';

/** The mode, and what is known of the wall. */
export function standing({ name, mode, coverage, rules, profiles }: EgressView): string {
  const sight = coverage?.sight;
  const reason = sight !== undefined && 'reason' in sight ? `: ${oneLine(sight.reason, 400)}` : '';
  const { length } = limitsOf(coverage);
  const limits = length === 0 ? '' : `, with ${countOf(length, 'limit')}`;
  const state = sight === undefined ? '' : `, ${sight.state}${limits}${reason}`;
  const shared = profiles.length === 0 ? '' : `, ${countOf(profiles.length, 'profile')}`;
  return `${oneLine(name)}: ${mode}, ${countOf(rules.length, 'rule')}${shared}${state}`;
}

/** What the wall does not keep back by its nature, a line each. */
export function limitLines({ coverage }: Pick<EgressView, 'coverage'>): string[] {
  return limitsOf(coverage).map((limit) => `  limit: ${oneLine(limit, 400)}`);
}

function limitsOf(coverage: EgressView['coverage']): readonly string[] {
  const sight = coverage?.sight;
  return (sight !== undefined && 'limits' in sight ? sight.limits : undefined) ?? [];
}

/** One rule on one line. */
export function ruleText(rule: WrittenEgressRule): string {
  const { verdict, target, protocol, port, local, lifetime, note } = rule;
  const narrow = [protocol?.toUpperCase(), port === undefined ? undefined : `port ${port}`]
    .filter((each) => each !== undefined)
    .join(' ');
  const kind = local === true ? ' (private addresses too)' : '';
  const until = lifetime === undefined ? '' : `, ${lifetimeText(lifetime)}`;
  const words = note === undefined ? '' : `  # ${oneLine(note, 500)}`;
  return `${verdict} ${oneLine(target, 300)}${narrow === '' ? '' : `, ${narrow}`}${kind}${until}${words}`;
}

/** A rule with how often it was used. */
export function usedRuleText(
  rule: WrittenEgressRule,
  use: (EgressRuleUse & { readonly isIdle: boolean }) | undefined,
): string {
  if (use === undefined) return ruleText(rule);
  const idle = use.isIdle ? ', needed no more?' : '';
  const often = use.count === 0 ? 'never used' : `used at ${countOf(use.count, 'look')}`;
  return `${ruleText(rule)}  [${often}${idle}]`;
}

function lifetimeText(lifetime: EgressSpan | EgressLifetime): string {
  if (typeof lifetime === 'string') return `for ${lifetime}`;
  switch (lifetime.kind) {
    case 'once':
      return 'for one use';
    case 'until':
      return `until ${new Date(lifetime.at).toLocaleTimeString('sv-SE')}`;
    case 'container':
      return `until ${lifetime.container.slice(0, 12)} stops`;
    case 'image':
      return 'until the image changes';
    default:
      return assertNever(lifetime);
  }
}

/** A profile's name, what it is for, and how much is in it. */
export function profileText({ name, note, rules }: WrittenEgressProfile): string {
  const words = note === undefined ? '' : `  ${oneLine(note, 500)}`;
  return `${name}: ${countOf(rules.length, 'rule')}${words}`;
}

/** A name that was asked, what became of that, and when last, by the machine's clock. */
export function seenNameText({
  name,
  asked,
  answered,
  refused,
  held,
  lastSeenAt,
}: SeenName): string {
  // An answer may have come in an hour after that of its question.
  const hasLeft = asked > refused + held || answered > 0;
  const counts = [
    hasLeft && asked > 0 ? `asked ${times(asked)}` : undefined,
    hasLeft ? (answered > 0 ? `answered ${times(answered)}` : 'never answered') : undefined,
    refused > 0 ? `refused ${times(refused)}` : undefined,
    held > 0 ? `held ${times(held)}` : undefined,
  ].filter((each) => each !== undefined);
  const all = [counts.slice(0, -1).join(', '), ...counts.slice(-1)].filter((each) => each !== '');
  return `the name ${oneLine(name)} was ${all.join(' and ')}, last ${localTime(lastSeenAt)}`;
}

/** What was refused that no destination can be told of, and when last, by the machine's clock. */
export function seenKindText({ kind, packets, lastSeenAt }: SeenKind): string {
  return `${kindWords[kind]}: ${countOf(packets, 'packet')} refused, last ${localTime(lastSeenAt)}`;
}

const kindWords = {
  'raw-frames': 'raw frames, past the kernel’s own network code',
  fragments: 'fragments of its own making',
} as const;

const localTime = (at: number): string => new Date(at).toLocaleString('sv-SE');

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

/** Where traffic went, and how much. */
export function destinationText(seen: EgressDestination | SeenDestination): string {
  const { address, name, protocol, port, sentBytes, receivedBytes, refusedPackets } = seen;
  const where = name === undefined ? oneLine(address) : `${oneLine(name)} (${oneLine(address)})`;
  const what = `${protocolWord(protocol)}${port === undefined ? '' : ` ${port}`}`;
  const refused = refusedPackets > 0 ? `, ${countOf(refusedPackets, 'packet')} refused` : '';
  return `${where} ${what}: ${bytesInWords(sentBytes)} sent, ${bytesInWords(receivedBytes)} received${refused}`;
}

/** The kernel's word, and what most of it is. */
function protocolWord(protocol: string): string {
  return protocol === 'icmp' || protocol === 'icmpv6' ? `${protocol} (ping)` : oneLine(protocol);
}

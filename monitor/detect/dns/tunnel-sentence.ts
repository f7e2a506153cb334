import type { Moment } from '../../model/time.ts';
import { countInWords, spanInWords } from '../words.ts';
import type { NameEvidence } from './name-evidence.ts';
import type { AskedDomain, TunnelVerdict } from './name-tunnel.ts';

/** Twice the bar leaves no doubt. */
const sure = 2;

/** The verdict on a domain whose evidence went beyond `bar`; `top` is what was normal for it. */
export function tunnelVerdict(
  evidence: NameEvidence,
  domain: AskedDomain,
  bar: number,
  top: number,
  at: Moment,
): TunnelVerdict {
  const owner = plainOwner(evidence.owner);
  const { names, characters, nats } = domain;
  const single = names === 1;
  const asked = single
    ? `Asked DNS for a name below \`${owner}\` with ${countInWords(characters)} characters that spell nothing`
    : `Asked DNS for ${countInWords(names)} different names below \`${owner}\` in ` +
      `${spanInWords(at - domain.since)}, ${countInWords(characters)} characters that spell nothing`;
  return {
    series: `names below ${owner}`,
    severity: nats >= sure * bar ? 'high' : 'medium',
    score: 1 - Math.exp(-nats / bar),
    nats,
    onsetAt: domain.since,
    sentence: `${asked}: data, not names. ${oddsInWords(nats)}`,
    evidence: [
      {
        series: `evidence of data in names below ${owner}, nats`,
        unit: 'count',
        observed: nats,
        expected: { low: 0, high: Math.max(top, 0) },
        recent: [...domain.points],
      },
    ],
    technique: { id: 'T1071.004', name: 'Application Layer Protocol: DNS' },
  };
}

/** Powers of ten up to where they stop to mean anything. */
function oddsInWords(nats: number): string {
  const tens = Math.min(300, Math.floor(nats / Math.LN10));
  return `Ordinary names would look like this 10^${tens} times less often.`;
}

/** A domain is hostile text: only what a host name can hold is shown, the end of it when long. */
function plainOwner(owner: string): string {
  const plain = owner.replace(/[^\w.-]/g, '?');
  return plain.length > 60 ? `…${plain.slice(-59)}` : plain;
}

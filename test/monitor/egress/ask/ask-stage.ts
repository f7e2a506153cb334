import type { HeldPacket } from '../../../../monitor/egress/ask/hold-line.ts';
import { readRule, type EgressRule } from '../../../../monitor/egress/list/rule.ts';
import type { WrittenEgressRule } from '../../../../monitor/model/egress.ts';

/** A packet to api.test by its placeholder. */
export function packet(change: Partial<HeldPacket> = {}): HeldPacket {
  return { protocol: 'tcp', address: '240.0.0.1', port: 443, name: 'api.test', ...change };
}

/** A list as a guard has it. */
export function rules(...written: readonly WrittenEgressRule[]): EgressRule[] {
  return written.map((each) => {
    const read = readRule(each);
    if (!read.ok) throw new Error(read.error);
    return read.value;
  });
}

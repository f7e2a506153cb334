import { expect, test } from 'vitest';
import type { Reading } from '../../../../monitor/egress/carrier/carrier.ts';
import { createEgressTeller } from '../../../../monitor/egress/guard/egress-teller.ts';
import { createNameTable } from '../../../../monitor/egress/resolver/resolver-log.ts';
import type { WallPlan } from '../../../../monitor/egress/wall/wall-plan.ts';
import type { EgressObservation } from '../../../../monitor/model/observation.ts';
import { fakeWorkload } from '../../rpc/fake-service.ts';

const plan = { mode: 'enforce', asks: true } as unknown as WallPlan;

/** What is told of a look at which so many names were asked and so many addresses refused. */
function told(
  names: number,
  addresses: readonly string[],
  log: readonly string[] = [],
): readonly EgressObservation[] {
  const seen: EgressObservation[] = [];
  const table = createNameTable();
  for (const line of log) table.line(line, 1);
  for (let index = 0; index < names; index += 1) {
    table.line(`dnsmasq[7]: ${index} 10.0.0.2/4 config n${index}.test is NXDOMAIN`, 1);
  }
  const teller = createEgressTeller({
    ...{ names: table, workload: () => fakeWorkload('agent', 'a1'), now: () => 1 },
    onObservation: (observation) => void seen.push(observation),
  });
  const refused = addresses.map((address) => ({
    ...{ address, protocol: 'tcp', port: 443, packets: 1, bytes: 60 },
  }));
  const listing = { sent: [], received: [], refused, counters: {} };
  teller.tell({ listing } as unknown as Reading, plan, undefined);
  // What was told once is not told again.
  const count = seen.length;
  teller.tell({} as unknown as Reading, plan, undefined);
  expect(seen).toHaveLength(count);
  return seen;
}

const addresses = (net: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${net}.${index >> 8}.${index & 255}`);

test('Questions beyond the bound are told as such, and not as destinations', () => {
  const [seen] = told(600, []);
  expect(seen?.names).toHaveLength(200);
  expect(seen).toMatchObject({ destinations: [], omitted: 0, omittedNames: 400 });
});

test('Names that are held take no room among the destinations, and are not counted with them', () => {
  const [seen] = told(1, [...addresses('240.1', 300), ...addresses('198.51', 3)]);
  expect(seen?.destinations).toHaveLength(3);
  expect(seen).toMatchObject({ omitted: 0, omittedNames: 0 });
  expect(told(1, addresses('198.51', 230))).toMatchObject([{ omitted: 30 }]);
});

test('A log that nobody read is told as such, and not as silence', () => {
  const overflow = 'dnsmasq[7]: overflow: 524 log entries lost';
  expect(told(0, [], [overflow])).toMatchObject([{ names: [], lostEntries: 524 }]);
  expect(told(1, [], [])).toMatchObject([{ lostEntries: 0 }]);
});

test('Raw frames and fragments that were refused are told by kind, none twice', () => {
  const seen: EgressObservation[] = [];
  const tellerOf = () =>
    createEgressTeller({
      ...{ names: createNameTable(), workload: () => fakeWorkload('agent', 'a1'), now: () => 1 },
      onObservation: (observation) => void seen.push(observation),
    });
  const counted = (frames: number, fragments: number): Reading => {
    const listing = { sent: [], received: [], refused: [], counters: { frames, fragments } };
    return { listing } as unknown as Reading;
  };
  const first = tellerOf();
  first.restart();
  expect(first.tell(counted(3, 0), plan, undefined)).toBe(true);
  expect(first.tell(counted(3, 0), plan, undefined)).toBe(false);
  expect(first.tell(counted(5, 1), plan, undefined)).toBe(true);
  // The wall was put up anew.
  first.restart();
  expect(first.tell(counted(1, 0), plan, undefined)).toBe(true);
  // A later run finds it standing.
  const later = tellerOf();
  expect(later.tell(counted(1, 0), plan, undefined)).toBe(false);
  expect(later.tell(counted(2, 0), plan, undefined)).toBe(true);
  const frames = (packets: number) => ({ kind: 'raw-frames', packets });
  expect(seen.map(({ refusedKinds }) => refusedKinds)).toEqual([
    [frames(3)],
    [frames(2), { kind: 'fragments', packets: 1 }],
    [frames(1)],
    [frames(1)],
  ]);
});

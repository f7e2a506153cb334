import { expect, it } from 'vitest';
import { placeOf } from '../../../monitor/detect/egress/learned-places.ts';
import type { EgressObservation } from '../../../monitor/model/observation.ts';
import { asIfAbroad } from './abroad.ts';

it('what work talks to in the house is a place once it is told as if it were abroad', () => {
  const to = (port: number) => ({
    ...{ name: undefined, address: '10.211.7.2', protocol: 'tcp', port, sentPackets: 9 },
    ...{ sentBytes: 1_000, receivedPackets: 9, receivedBytes: 500, refusedPackets: 0 },
  });
  const of = { at: 1, workload: 'agent', container: 'c0ffee' };
  const nothing = { names: [], omitted: 0, breach: undefined };
  const destinations = [to(80), to(9), to(53)];
  const seen: EgressObservation = {
    kind: 'egress',
    mode: 'observe',
    ...of,
    ...nothing,
    destinations,
  };
  const phase = { activity: 'git', from: 0, to: 2, observations: [seen] } as const;
  const head = { startedAt: 0, learnMs: 1, hostCpus: 1 } as never;
  const work = { head, containers: [{ workload: 'agent', container: 'c0ffee', phases: [phase] }] };
  expect(destinations.map(placeOf)).toEqual([undefined, undefined, undefined]);
  const [told] = asIfAbroad(work, 10).containers[0]?.phases[0]?.observations ?? [];
  const hosts = told?.kind === 'egress' ? told.destinations : [];
  expect(hosts.map(placeOf)).toEqual(['port-80.example', 'port-9.example', undefined]);
  expect(hosts.map(({ sentBytes }) => sentBytes)).toEqual([10_000, 10_000, 1_000]);
});

import { describe, expect, test } from 'vitest';
import { stepWatch } from '../../../monitor/detect/watch.ts';
import type { Finding } from '../../../monitor/model/finding.ts';
import type { EgressDestination } from '../../../monitor/model/egress.ts';
import { container, tellStory, workload, type Story } from './story.ts';

function destination(address: string, port: number, received: number): EgressDestination {
  return {
    address,
    name: undefined,
    protocol: 'tcp',
    port,
    sentPackets: 1,
    sentBytes: 60,
    receivedPackets: received,
    receivedBytes: 60 * received,
    refusedPackets: 0,
  };
}

/** A look at the egress, five seconds after the one before. */
function look(
  story: Story,
  destinations: readonly EgressDestination[],
  omitted = 0,
): readonly Finding[] {
  story.live(5);
  const { findings } = stepWatch(
    story.watch,
    story.baseline,
    {
      kind: 'egress',
      at: story.at,
      workload,
      container,
      mode: 'observe',
      destinations,
      names: [],
      omitted,
      breach: undefined,
    },
    { learnMs: 60_000, hostCpus: 4 },
  );
  return findings.filter(({ kind }) => kind === 'port-scan');
}

const hosts = (from: number, count: number, received = 0): EgressDestination[] =>
  Array.from({ length: count }, (_, index) => destination(`10.0.0.${from + index}`, 22, received));

describe('Places that are tried and do not answer', () => {
  test('are a scan once they are many within a minute', () => {
    const story = tellStory(true);
    expect(look(story, hosts(0, 20))).toEqual([]);
    const [found] = look(story, hosts(20, 20));
    expect(found).toMatchObject({ status: 'open', severity: 'medium', technique: { id: 'T1046' } });
    expect(found?.sentence).toContain('Tried 40 addresses and ports within a minute');
    expect(found?.sentence).toContain('10.0.0.0 port 22 (tcp)');
    // The picture shows how it grew.
    expect(found?.evidence[0]?.recent.map(({ value }) => value)).toEqual([20, 40]);
  });

  test('are counted beyond what a look can list, and many leave no doubt', () => {
    const [found] = look(tellStory(true), hosts(0, 200), 9_800);
    expect(found).toMatchObject({ severity: 'high' });
    expect(found?.sentence).toContain('Tried 10 000 addresses');
  });

  test('are more than what is remembered, and not that many', () => {
    const story = tellStory(true);
    for (let round = 0; round < 10; round += 1) look(story, hosts(200 * round, 200));
    const latest = story.told.findLast(({ kind }) => kind === 'port-scan');
    expect(latest?.sentence).toContain('Tried more than 1 024 addresses and ports');
  });

  test('are not known where none is listed', () => {
    expect(look(tellStory(true), [], 400)).toEqual([]);
  });

  test('are many ports of one address as well', () => {
    const ports = Array.from({ length: 60 }, (_, port) => destination('10.0.0.9', port + 1, 0));
    expect(look(tellStory(true), ports)).toHaveLength(1);
  });

  test('are no scan while they answer, or answer a moment later', () => {
    const story = tellStory(true);
    expect(look(story, hosts(0, 200, 3), 5_000)).toEqual([]);
    for (let round = 0; round < 40; round += 1) {
      // A connection that is just being made has had no answer yet at the look, and has it at the next.
      const next = [...hosts(round * 5, 5), ...hosts((round - 1) * 5, 5, 1)];
      expect(look(story, next)).toEqual([]);
    }
  });

  test('are not those that answered and are kept open, however many there were before', () => {
    const story = tellStory(true);
    for (let round = 0; round < 6; round += 1) look(story, hosts(200 * round, 200, 3));
    look(story, hosts(1_200, 40, 3));
    for (let round = 0; round < 5; round += 1) {
      expect(look(story, hosts(1_200, 40, 1))).toEqual([]);
    }
  });

  test('are no scan when the same few are tried all day', () => {
    const story = tellStory(true);
    for (let round = 0; round < 100; round += 1) expect(look(story, hosts(0, 12))).toEqual([]);
  });

  test('are over a minute after the last', () => {
    const story = tellStory(true);
    expect(look(story, hosts(0, 100))).toHaveLength(1);
    story.live(90);
    expect(story.told.at(-1)).toMatchObject({ kind: 'port-scan', status: 'closed' });
    expect(look(story, hosts(0, 10))).toEqual([]);
  });
});

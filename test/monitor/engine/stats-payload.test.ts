import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { convertStats, readStats } from '../../../monitor/engine/stats-payload.ts';

const host = 8_000_000_000;

/** As engine 20.10 sends it on cgroup v1. */
const v1 = {
  read: '2026-11-22T11:50:02.020123456Z',
  pids_stats: { current: 12, limit: 512 },
  blkio_stats: {
    io_service_bytes_recursive: [
      { major: 259, minor: 0, op: 'Read', value: 100 },
      { major: 259, minor: 0, op: 'Write', value: 20 },
      { major: 8, minor: 0, op: 'Read', value: 5 },
      { major: 259, minor: 0, op: 'Total', value: 120 },
    ],
  },
  cpu_stats: {
    cpu_usage: { total_usage: 33_413_373 },
    throttling_data: { periods: 5, throttled_periods: 1, throttled_time: 9 },
  },
  memory_stats: {
    usage: 1000,
    limit: 67_108_864,
    stats: {
      cache: 1,
      total_cache: 300,
      rss: 1,
      total_rss: 600,
      inactive_file: 1,
      total_inactive_file: 250,
      pgfault: 1,
      total_pgfault: 77,
    },
  },
  networks: {
    eth0: { rx_bytes: 400, rx_packets: 4, tx_bytes: 10, tx_packets: 1 },
    eth1: { rx_bytes: 1, rx_packets: 1, tx_bytes: 2, tx_packets: 1 },
  },
};

/** As engine 27 sends it on cgroup v2. */
const v2 = {
  ...v1,
  pids_stats: { current: 3, limit: 18446744073709551615 },
  blkio_stats: {
    io_service_bytes_recursive: [
      { op: 'read', value: 7 },
      { op: 'write', value: 8 },
    ],
  },
  memory_stats: {
    usage: 1000,
    limit: host,
    stats: { anon: 600, file: 300, inactive_file: 250, pgfault: 77 },
  },
};

describe('A stats sample', () => {
  test('of cgroup v1 becomes counters', () => {
    expect(convertStats(v1, host)).toEqual({
      kind: 'item',
      item: {
        at: Date.parse('2026-11-22T11:50:02.020Z'),
        cpuNanoseconds: 33_413_373,
        throttledPeriods: 1,
        periods: 5,
        memoryBytes: 750,
        anonymousBytes: 600,
        cacheBytes: 300,
        memoryLimitBytes: 67_108_864,
        pageFaults: 77,
        pids: 12,
        pidsLimit: 512,
        network: { receivedBytes: 401, sentBytes: 12, receivedPackets: 5, sentPackets: 2 },
        block: { readBytes: 105, writtenBytes: 20 },
      },
    });
  });

  test('of cgroup v2 becomes the same counters, and absurd limits become none', () => {
    expect(convertStats(v2, host)).toMatchObject({
      item: {
        memoryBytes: 750,
        anonymousBytes: 600,
        cacheBytes: 300,
        pageFaults: 77,
        memoryLimitBytes: undefined,
        pidsLimit: undefined,
        block: { readBytes: 7, writtenBytes: 8 },
      },
    });
    const absurd = { ...v1, memory_stats: { usage: 1, limit: 9223372036854771712 } };
    expect(convertStats(absurd, 0)).toMatchObject({ item: { memoryLimitBytes: undefined } });
  });

  test('says undefined, not zero, where nothing was measured', () => {
    const bare = { ...v1, networks: undefined, blkio_stats: { io_service_bytes_recursive: null } };
    expect(convertStats(bare, host)).toMatchObject({
      item: { network: undefined, block: undefined },
    });
    expect(convertStats({ ...v1, networks: {} }, host)).toMatchObject({
      item: { network: undefined },
    });
  });

  test('of a container that does not run is skipped', () => {
    expect(readStats('{"read":"0001-01-01T00:00:00Z","cpu_stats":{}}', host)).toEqual({
      kind: 'skip',
    });
  });

  test('keeps the time of engines that write their own time zone', () => {
    const there = { ...v1, read: '2026-11-22T12:50:02.020123456+01:00' };
    expect(convertStats(there, host)).toMatchObject({
      item: { at: Date.parse('2026-11-22T11:50:02.020Z') },
    });
  });

  test.each([
    ['no JSON', '{"read":'],
    ['a list', '[]'],
    ['a time that is none', JSON.stringify({ ...v1, read: 'soon' })],
    ['no CPU', JSON.stringify({ ...v1, cpu_stats: {} })],
    ['text for a number', JSON.stringify({ ...v1, memory_stats: { usage: '1000' } })],
    ['a negative amount', JSON.stringify({ ...v1, memory_stats: { usage: -1 } })],
  ])('with %s is garbage', (_, text) => {
    expect(readStats(text, host).kind).toBe('garbage');
  });

  test('never throws and never gives a number that is none, whatever is in it', () => {
    const names = Object.keys(v1);
    const mangled = fc
      .tuple(fc.subarray(names), fc.jsonValue(), fc.jsonValue())
      .map(([dropped, one, two]) => {
        const values = [one, two];
        return Object.fromEntries(
          Object.entries(v1).map(([name, value], index) => [
            name,
            dropped.includes(name) ? values[index % 2] : value,
          ]),
        );
      });
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), mangled), (value) => {
        const reading = readStats(JSON.stringify(value), host);
        if (reading.kind !== 'item') return;
        for (const amount of Object.values(reading.item)) {
          if (typeof amount === 'number') expect(Number.isFinite(amount)).toBe(true);
        }
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(readStats(text, host).kind).not.toBe('item');
      }),
    );
  });
});

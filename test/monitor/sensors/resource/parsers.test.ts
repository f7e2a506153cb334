import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blockBytes } from '../../../../monitor/sensors/resource/block-bytes.ts';
import {
  fieldKeys,
  keyedValues,
  unsignedAt,
} from '../../../../monitor/sensors/resource/byte-fields.ts';
import { interfaceBytes } from '../../../../monitor/sensors/resource/interface-bytes.ts';
import {
  folderOf,
  parseMembership,
  parseMounts,
} from '../../../../monitor/sensors/resource/cgroup-paths.ts';
import { parseLoad, parseMemory } from '../../../../monitor/sensors/host/host-reading.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

function network(text: string) {
  const into = { receivedBytes: 0, sentBytes: 0, receivedPackets: 0, sentPackets: 0 };
  interfaceBytes(bytes(text), text.length, into);
  return into;
}

function block(text: string, version: 1 | 2) {
  const into = { readBytes: 0, writtenBytes: 0 };
  blockBytes(bytes(text), text.length, version, into);
  return into;
}

function values(text: string, keys: readonly string[]): number[] {
  const into = new Float64Array(keys.length);
  keyedValues(bytes(text), text.length, fieldKeys(keys), into);
  return [...into];
}

describe('files of the kernel, read as bytes', () => {
  test('a number is read to its last digit', () => {
    expect(unsignedAt(bytes('1234567890123\n'), 0, 14)).toBe(1_234_567_890_123);
    expect(unsignedAt(bytes('max\n'), 0, 4)).toBe(-1);
    expect(unsignedAt(bytes(''), 0, 0)).toBe(-1);
  });

  test('keys are matched whole, in any order', () => {
    const text = 'rss 1\nanonymous 2\nanon 3\ninactive_file 4\npgfault 5';
    expect(values(text, ['inactive_file', 'anon', 'file', 'pgfault'])).toEqual([4, 3, -1, 5]);
  });

  test('traffic is the sum of all interfaces but loopback', () => {
    const text = [
      'Inter-|   Receive                            |  Transmit',
      ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs',
      '    lo:    9999      29    0    0    0     0          0         0     3193      29    0    0 0 0 0 0',
      '  eth0: 448160593   13287    0    0    0     0          0         0   924163    9625    0 0 0 0 0 0',
      'eth1:1 2 0 0 0 0 0 0 3 4 0 0 0 0 0 0',
    ].join('\n');
    expect(network(text)).toEqual({
      receivedBytes: 448_160_594,
      receivedPackets: 13_289,
      sentBytes: 924_166,
      sentPackets: 9629,
    });
  });

  test('block bytes are the sum over devices, in both versions', () => {
    expect(block('8:0 Read 10\n8:0 Write 20\n8:0 Total 30\n8:16 Read 1\nTotal 31\n', 1)).toEqual({
      readBytes: 11,
      writtenBytes: 20,
    });
    expect(block('8:0 rbytes=10 wbytes=20 rios=1 wios=2\n253:0 rbytes=5 wbytes=6\n', 2)).toEqual({
      readBytes: 15,
      writtenBytes: 26,
    });
    expect(block('', 2)).toEqual({ readBytes: 0, writtenBytes: 0 });
  });

  test('arbitrary bytes never throw and never give a number that is none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (raw) => {
        const into = { receivedBytes: 0, sentBytes: 0, receivedPackets: 0, sentPackets: 0 };
        interfaceBytes(raw, raw.length, into);
        const blocks = { readBytes: 0, writtenBytes: 0 };
        blockBytes(raw, raw.length, 1, blocks);
        blockBytes(raw, raw.length, 2, blocks);
        const found = new Float64Array(2);
        keyedValues(raw, raw.length, fieldKeys(['a', 'anon']), found);
        for (const value of [...Object.values(into), ...Object.values(blocks)]) {
          expect(value).toBeGreaterThanOrEqual(0);
        }
        expect(found.every((value) => value >= -1)).toBe(true);
      }),
    );
  });

  test('arbitrary text never throws', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        const mounts = parseMounts(text);
        const membership = parseMembership(text);
        folderOf(mounts, membership, 'memory');
        parseLoad(text);
        parseMemory(text);
      }),
    );
  });
});

const hybrid = parseMounts(
  [
    '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct',
    '35 31 0:32 / /sys/fs/cgroup/me\\040mory rw - cgroup cgroup rw,memory',
    '41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:9 - cgroup2 cgroup2 rw',
  ].join('\n'),
);
const unified = parseMounts('30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate');
const bound = parseMounts('30 23 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw');

describe('the folder of a cgroup', () => {
  test('is found by controller in v1 and hybrid', () => {
    const membership = parseMembership('4:memory:/docker/abc\n2:cpu,cpuacct:/docker/abc\n0::/x\n');
    expect(folderOf(hybrid, membership, 'cpuacct')).toEqual({
      version: 1,
      folder: '/sys/fs/cgroup/cpu,cpuacct/docker/abc',
      path: '/docker/abc',
    });
    expect(folderOf(hybrid, membership, 'memory')?.folder).toBe(
      '/sys/fs/cgroup/me mory/docker/abc',
    );
    // A controller that v1 does not have is in v2.
    expect(folderOf(hybrid, membership, 'pids')).toEqual({
      version: 2,
      folder: '/sys/fs/cgroup/unified/x',
      path: '/x',
    });
  });

  test('is one for all controllers in v2', () => {
    const membership = parseMembership('0::/system.slice/docker-abc.scope\n');
    const folder = '/sys/fs/cgroup/system.slice/docker-abc.scope';
    expect(folderOf(unified, membership, 'memory')?.folder).toBe(folder);
    expect(folderOf(unified, membership, 'cpu')?.folder).toBe(folder);
  });

  test('is relative to the root that the mount shows, and unknown outside of it', () => {
    expect(folderOf(bound, parseMembership('0::/docker/abc/x'), 'cpu')?.folder).toBe(
      '/sys/fs/cgroup/x',
    );
    expect(folderOf(bound, parseMembership('0::/docker/abcd'), 'cpu')).toBeUndefined();
    expect(folderOf(unified, parseMembership('0::/../docker/abc'), 'cpu')).toBeUndefined();
    expect(folderOf(unified, parseMembership(''), 'cpu')).toBeUndefined();
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { protobufFields } from '../../../../monitor/sensors/gvisor/protobuf.ts';
import { readTraceMessage } from '../../../../monitor/sensors/gvisor/trace-message.ts';

const read = (type: number, hex: string) => readTraceMessage(type, Buffer.from(hex, 'hex'));

// Recorded from runsc 20221219.
const recorded = {
  clone: '0a08200c3a004a027368180d200d2880c0e6cfcfddd7f51830808201',
  execve:
    '0a08200d3a004a0273681200183b320c2f7573722f62696e2f6361743a036361743a0b2f6574632f736861646f77',
  refusedOpen:
    '0a2120123a1808feff0310feff0318feff0320feff0328feff0330feff034a036361741202100d188102209cffffffffffffffff01320b2f6574632f736861646f77',
  refusedMount:
    '0a0d20153a004a07756e73686172651202100120a501289cc7c5e29fc81530c7ecc5e29fc81540808011',
};

describe('A message of a gVisor trace session', () => {
  test('tells of a process that was made', () => {
    expect(read(2, recorded.clone)).toEqual({ kind: 'clone', parent: 12, child: 13 });
  });

  test('tells of a program that runs, with its arguments', () => {
    expect(read(11, recorded.execve)).toEqual({
      kind: 'execve',
      pid: 13,
      uid: 0,
      name: 'sh',
      error: 0,
      path: '/usr/bin/cat',
      arguments: ['cat', '/etc/shadow'],
    });
  });

  test('tells of a file that was refused, and to whom', () => {
    expect(read(7, recorded.refusedOpen)).toEqual({
      kind: 'open',
      pid: 18,
      uid: 65534,
      name: 'cat',
      error: 13,
      number: 257,
      path: '/etc/shadow',
      flags: 0,
    });
  });

  test('tells of a raw call with what was handed over', () => {
    const message = read(6, recorded.refusedMount);
    expect(message).toMatchObject({ kind: 'raw', number: 165, pid: 21, name: 'unshare', error: 1 });
    // MS_REC | MS_PRIVATE, the fourth argument of mount(2).
    expect(message?.kind === 'raw' && message.arguments[3]).toBe(0x44000n);
  });

  test('is of no use without its maker, or of another type', () => {
    expect(read(6, '1202100120a501')).toBeUndefined();
    expect(read(9, recorded.execve)).toBeUndefined();
  });

  test('an address is of interest where it is a path', () => {
    const connect = (address: string): string =>
      `0a04200d3a00120018 2a32${(address.length / 2).toString(16).padStart(2, '0')}${address}`.replaceAll(
        ' ',
        '',
      );
    const path = Buffer.from('/var/run/docker.sock\0\0').toString('hex');
    expect(read(10, connect(`0100${path}`))).toMatchObject({
      kind: 'connect',
      number: 42,
      path: '/var/run/docker.sock',
    });
    expect(read(10, connect('020000097f000001'))).toBeUndefined();
  });

  test('never breaks the reader, whatever it holds', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.uint8Array({ maxLength: 300 }), (type, bytes) => {
        const message = readTraceMessage(type, bytes);
        if (message !== undefined && message.kind !== 'clone') {
          expect(message.name.length).toBeLessThanOrEqual(256);
        }
      }),
    );
  });

  test('is read whole or not at all when it is cut off', () => {
    fc.assert(
      fc.property(fc.nat(recorded.execve.length / 2 - 1), (length) => {
        const bytes = Buffer.from(recorded.execve, 'hex').subarray(0, length);
        const fields = protobufFields(bytes);
        if (fields === undefined) return;
        // What stands before the cut is what stands in the whole.
        const whole = protobufFields(Buffer.from(recorded.execve, 'hex')) ?? [];
        expect(fields).toEqual(whole.slice(0, fields.length));
      }),
    );
  });
});

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
  relativeOpen:
    '0a1320033a0042082f6574632f6170744a0363617412020803188102209cffffffffffffffff0132092e2e2f736861646f77',
  fromMemory:
    '0a0e20103a0042012f4a056472696c6c120018c20220042a162f6d656d66643a7175696574202864656c65746564293a05736c6565703a03363030488020',
  connected:
    '0a10200d3a0042012f4a07707974686f6e331200182a20042a0a736f636b65743a5b345d321002001f3f7f0000010000000000000000',
  becameInput: '0a10200d3a0042012f4a07707974686f6e33120018212004320a736f636b65743a5b345d',
  becameOutput: '0a10200d3a0042012f4a07707974686f6e3312020801182120042801320a736f636b65743a5b345d',
};

describe('A message of a gVisor trace session', () => {
  test('tells of a process that was made', () => {
    expect(read(2, recorded.clone)).toEqual({ kind: 'clone', parent: 12, child: 13, uid: 0 });
  });

  test('tells of a program that runs, with its arguments', () => {
    expect(read(11, recorded.execve)).toEqual({
      kind: 'execve',
      pid: 13,
      uid: 0,
      name: 'sh',
      error: 0,
      path: '/usr/bin/cat',
      isNew: false,
      arguments: ['cat', '/etc/shadow'],
    });
    expect(readTraceMessage(11, Buffer.from(recorded.execve, 'hex'), true)).toMatchObject({
      isNew: true,
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
    const v6 = '0a00000900000000' + '20010db8000000000000000000000001' + '00000000';
    expect(read(10, connect(v6))).toMatchObject({ kind: 'contact', peer: '[2001:db8::1]:9' });
    // Neither a path nor a place: netlink, and what is cut off.
    expect(read(10, connect('1000000000000000'))).toBeUndefined();
    expect(read(10, connect('0a000009'))).toBeUndefined();
  });

  test('tells of a path from the root on, wherever the process works', () => {
    expect(read(7, recorded.relativeOpen)).toMatchObject({ kind: 'open', path: '/etc/shadow' });
  });

  test('tells of a program in memory by the name of its open file', () => {
    expect(read(11, recorded.fromMemory)).toMatchObject({
      kind: 'execve',
      path: '/memfd:quiet (deleted)',
    });
  });

  test('tells of a connection, and of what becomes standard input and output', () => {
    expect(read(10, recorded.connected)).toEqual({
      kind: 'contact',
      pid: 13,
      descriptor: 4,
      socket: 'socket:[4]',
      peer: '127.0.0.1:7999',
    });
    const copy = { kind: 'copy', pid: 13, file: 'socket:[4]' };
    expect(read(19, recorded.becameInput)).toEqual({ ...copy, descriptor: 0 });
    expect(read(19, recorded.becameOutput)).toEqual({ ...copy, descriptor: 1 });
  });

  test('never breaks the reader, whatever it holds', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.uint8Array({ maxLength: 300 }), (type, bytes) => {
        const message = readTraceMessage(type, bytes);
        if (message !== undefined && 'name' in message) {
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

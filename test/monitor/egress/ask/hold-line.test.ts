import fc from 'fast-check';
import { isIP, isIPv4 } from 'node:net';
import { expect, test } from 'vitest';
import { readHoldLine } from '../../../../monitor/egress/ask/hold-line.ts';

const inode = 4026532001;

test.each([
  [`+ ${inode}`, { kind: 'entered', inode }],
  [`! ${inode} no such process`, { kind: 'not-entered', inode, reason: 'no such process' }],
  [
    `h ${inode} tcp 240.0.0.1 443 api.test`,
    {
      ...{ kind: 'held', inode },
      packet: { protocol: 'tcp', address: '240.0.0.1', port: 443, name: 'api.test' },
    },
  ],
  [
    `h ${inode} udp 192.0.2.7 53 -`,
    {
      ...{ kind: 'held', inode },
      packet: { protocol: 'udp', address: '192.0.2.7', port: 53, name: undefined },
    },
  ],
  [
    `h ${inode} tcp 2001:db8::7 443 -`,
    {
      ...{ kind: 'held', inode },
      packet: { protocol: 'tcp', address: '2001:db8::7', port: 443, name: undefined },
    },
  ],
  [`m ${inode} 240.0.0.1 192.0.2.7`, { kind: 'led', inode, from: '240.0.0.1', to: '192.0.2.7' }],
  [`m ${inode} 240.0.0.1 -`, { kind: 'led', inode, from: '240.0.0.1', to: undefined }],
  [`~ ${inode} 12`, { kind: 'left-out', inode, count: 12 }],
])('"%s" is understood.', (line, expected) => {
  expect(readHoldLine(line)).toEqual(expected);
});

test.each([
  ...['', '+', '+ x', '+ -1', '+ 1234567890123456', 'x 1', '~ 1', '~ 1 many'],
  ...[
    'h 1 icmp 192.0.2.7 1 -',
    'h 1 tcp 192.0.2 1 -',
    'h 1 tcp fe80::1%lo 1 -',
    'h 1 tcp 192.0.2.7 0 -',
  ],
  ...['h 1 tcp 192.0.2.7 65536 -', 'h 1 tcp 192.0.2.7 1', 'h 1 tcp 192.0.2.7 1e2 -'],
  ...['m 1 api.test 192.0.2.7', 'm 1 240.0.0.1', 'm 1 240.0.0.1 ::1'],
])('"%s" is not.', (line) => expect(readHoldLine(line)).toBeUndefined());

test('A name of other characters than names have is refused, and so is one that is too long.', () => {
  const read = (name: string) => readHoldLine(`h 1 tcp 240.0.0.1 80 ${name}`);
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }), (text) => {
      // What follows a space is no part of the name.
      const name = text.split(' ')[0] ?? '';
      const isGood = /^[a-z0-9_.-]+$/.test(name) && name.length <= 253;
      expect(read(text) !== undefined).toBe(isGood);
    }),
    { numRuns: 2000 },
  );
  for (const name of ['a\u001b[2J.test', 'A.test', 'a;b', 'a/b', 'ä.test', 'a\u202eb', 'a\t']) {
    expect(read(name), JSON.stringify(name)).toBeUndefined();
  }
  expect(read('a'.repeat(253))).toBeDefined();
  expect(read('a'.repeat(254))).toBeUndefined();
});

test('No line at all makes it throw, and what it understands is within the bounds.', () => {
  const word = fc.oneof(
    fc.constantFrom('+', '!', 'h', 'm', '~', 'tcp', 'udp', '-', '1', '443', 'api.test', ''),
    fc.ipV4(),
    fc.ipV6(),
    fc.integer().map(String),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(word, { maxLength: 8 }).map((words) => words.join(' ')),
  );
  fc.assert(
    fc.property(line, (text) => {
      const read = readHoldLine(text);
      if (read === undefined) return;
      expect(Number.isSafeInteger(read.inode) && read.inode >= 0).toBe(true);
      if (read.kind === 'held') {
        const { address, port, protocol } = read.packet;
        expect(isIP(address) > 0 && port > 0 && port < 65_536).toBe(true);
        expect(['tcp', 'udp']).toContain(protocol);
      }
      if (read.kind === 'led') {
        expect(isIPv4(read.from) && (read.to === undefined || isIPv4(read.to))).toBe(true);
      }
    }),
    { numRuns: 3000 },
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readDnsMessage } from '../../../../monitor/egress/names/dns-message.ts';

const name = (text: string): number[] => [
  ...text.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]),
  0,
];
const word = (value: number): number[] => [value >> 8, value & 255];

/** An answer whose records' names point back to the question. */
function answer(
  question: string,
  records: readonly { readonly type: number; readonly data: readonly number[] }[],
  flags = 0x8180,
): Uint8Array {
  return Uint8Array.from([
    ...[0x12, 0x34, ...word(flags), ...word(1), ...word(records.length), 0, 0, 0, 0],
    ...[...name(question), 0, 1, 0, 1],
    ...records.flatMap(({ type, data }) => [
      ...[0xc0, 12, ...word(type), 0, 1, 0, 0, 0, 60],
      ...[...word(data.length), ...data],
    ]),
  ]);
}

const four = { type: 1, data: [192, 0, 2, 7] };
const six = { type: 28, data: [0x20, 1, 0xd, 0xb8, ...Array<number>(11).fill(0), 9] };

test('An answer ties the name that was asked to its addresses, whatever aliases lie between.', () => {
  const alias = { type: 5, data: name('cdn.example.net') };
  expect(readDnsMessage(answer('Shop.Example.com', [alias, four, six]))).toMatchObject({
    kind: 'answer',
    name: 'shop.example.com',
    addresses: ['192.0.2.7', '2001:db8::9'],
  });
});

test('A question and an error tell the name, and that they belong together, and no address.', () => {
  const [question, error] = [answer('A.test', [], 0x0100), answer('a.test', [four], 0x8183)];
  const key = readDnsMessage(question)?.key;
  expect(readDnsMessage(question)).toMatchObject({ kind: 'question', name: 'a.test' });
  const failure = { key, kind: 'failure', name: 'a.test', addresses: [] };
  expect(readDnsMessage(error)).toEqual(failure);
  expect(readDnsMessage(answer('a.test', [four]))?.key).toBe(key);
  expect(readDnsMessage(answer('b.test', [four]))?.key).not.toBe(key);
});

test.each([
  ['a notice of another kind', answer('a.test', [four], 0xa000)],
  ['a question about the root', answer('', [], 0x0100).with(12, 0)],
  ['a name with a control character', answer('a\u0007.test', [four])],
  [
    'a name with a dot in a label',
    Uint8Array.from([...answer('axb.test', [four])].map((each) => (each === 0x78 ? 0x2e : each))),
  ],
  ['a message cut short', answer('a.test', [four]).slice(0, -1)],
  ['more records than there are', answer('a.test', [four]).slice(0, 30)],
  [
    'a pointer to itself',
    Uint8Array.from([...answer('a.test', [four]).slice(0, 12), 0xc0, 12, 0, 1, 0, 1]),
  ],
])('%s is none.', (_, message) => {
  expect(readDnsMessage(message)).toBeUndefined();
});

test('Whatever arrives, it ends, and gives names of printable letters alone.', () => {
  const base = answer('a.example.com', [four, six]);
  const changed = fc
    .array(fc.tuple(fc.nat(base.length - 1), fc.nat(255)), { maxLength: 8 })
    .map((changes) => {
      const message = Uint8Array.from(base);
      for (const [at, value] of changes) message[at] = value;
      return message;
    });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 600 }), changed), (message) => {
      const read = readDnsMessage(message);
      if (read !== undefined) expect(read.name).toMatch(/^[\x21-\x7e]*$/);
    }),
    { numRuns: 2000 },
  );
});

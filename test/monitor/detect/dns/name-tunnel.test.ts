import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  acceptDomain,
  createLearnedDomains,
  createNameWatch,
  judgeName,
  packDomains,
  unpackDomains,
  type LearnedDomains,
  type NameWatch,
  type TunnelVerdict,
} from '../../../../monitor/detect/dns/name-tunnel.ts';

/** Base32 of a counter, scrambled: what a tunnel puts into names. Eight letters, about 9 nats. */
function chunk(index: number, length = 8): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  let state = (index + 1) * 2654435761;
  let text = '';
  for (let place = 0; place < length; place += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    text += alphabet.charAt(state >>> 27);
  }
  return text;
}

function ask(
  names: readonly string[],
  everyMs: number,
  { watch = createNameWatch(), learned = createLearnedDomains(), learning = false, from = 0 } = {},
): (TunnelVerdict | undefined)[] {
  return names.map((name, index) =>
    judgeName(watch, learned, { at: from + index * everyMs, name }, { learning }),
  );
}

function chunks(count: number, domain = 't.example.org', length = 8): string[] {
  return Array.from({ length: count }, (_, index) => `${chunk(index, length)}.${domain}`);
}

describe('a tunnel through DNS', () => {
  it('is told at its first name when that is long', () => {
    const [held] = ask([`${chunk(1, 60)}.${chunk(2, 60)}.t.example.org`], 0);
    expect(held?.sentence).toMatch(
      /^Asked DNS for a name below `example\.org` with 121 characters that spell nothing: data, not names\./,
    );
    expect(held?.technique?.id).toBe('T1071.004');
  });

  it('is told within minutes when it trickles, one short name in forty seconds', () => {
    const held = ask(chunks(60), 40_000);
    const first = held.findIndex((one) => one !== undefined);
    expect(first).toBeGreaterThan(2);
    expect(first).toBeLessThan(15);
    expect(held[first]?.sentence).toMatch(
      /^Asked DNS for \d+ different names below `example\.org` in \d+ min.*characters that spell nothing/,
    );
  });

  it('fades also after the clock was set back', () => {
    const watch = createNameWatch();
    const hour = 3_600_000;
    ask(chunks(3), 1000, { watch, from: 5 * hour });
    ask(['www.example.org'], 0, { watch });
    ask(['www.example.org'], 0, { watch, from: 2 * hour });
    expect(ask(chunks(1), 1000, { watch, from: 4 * hour })).toEqual([undefined]);
    expect(watch.domains.get('example.org')?.nats).toBeLessThan(10);
  });

  it('is told apart from a crawl through thousands of ordinary names', () => {
    const words = ['shop', 'mail', 'static', 'news', 'forum', 'images', 'blog', 'travel', 'music'];
    const names = words.flatMap((one) =>
      words.flatMap((other) => words.map((site) => `${one}.${other}-${one}.${site}store.com`)),
    );
    expect(ask(names, 50).every((held) => held === undefined)).toBe(true);
  });

  it('is not seen in one odd name that is asked again and again', () => {
    const name = '4a99fd44e6d05b720c049b45b2369f13.example.net';
    expect(ask(Array<string>(5_000).fill(name), 1_000).every((held) => held === undefined)).toBe(
      true,
    );
  });

  it('is not seen in a few odd names that are asked in turn', () => {
    const five = chunks(5);
    const names = Array.from({ length: 2_000 }, (_, index) => five[index % 5] ?? '');
    expect(ask(names, 1_000).every((held) => held === undefined)).toBe(true);
  });

  it('is told in plain text, whatever its domain holds', () => {
    const [held] = ask([`${chunk(1, 60)}.${chunk(2, 60)}.ev\u001b[2Jil.c\`om`], 0);
    expect(held?.sentence).toContain('`ev??2jil.c?om`');
    expect(held?.series).toBe('names below ev??2jil.c?om');
  });

  it('is forgotten when the odd names are hours apart', () => {
    expect(ask(chunks(60), 4 * 3600_000).every((held) => held === undefined)).toBe(true);
  });

  it('has a higher bar below a domain that was odd while learning, but no bar is out of reach', () => {
    const learned = createLearnedDomains();
    expect(ask(chunks(14), 1_000, { learned, learning: true }).at(-1)).toBeUndefined();
    // As much again would be told below any other domain.
    expect(ask(chunks(14), 1_000).at(-1)).toBeDefined();
    const usual = { watch: createNameWatch(), learned, from: 1e7 };
    expect(ask(chunks(16), 1_000, usual).every((held) => held === undefined)).toBe(true);
    expect(ask(chunks(200), 1_000, { ...usual, from: 1.1e7 }).at(-1)).toBeDefined();
    // Learning is no hiding place for a full tunnel.
    expect(ask(chunks(200), 100, { learning: true }).at(-1)).toBeDefined();
  });

  it('is no tunnel once a person has said that it is normal', () => {
    const watch = createNameWatch();
    const learned = createLearnedDomains();
    expect(ask(chunks(12), 1_000, { watch, learned }).at(-1)).toBeDefined();
    acceptDomain(watch, learned, 'example.org');
    const later = ask(chunks(12), 1_000, { watch, learned, from: 8 * 3600_000 });
    expect(later.every((held) => held === undefined)).toBe(true);
  });

  it('does not blame other domains', () => {
    const watch = createNameWatch();
    const learned = createLearnedDomains();
    ask(chunks(100), 100, { watch, learned });
    expect(
      ask(['www.debian.org', 'chunk.example.com'], 0, { watch, learned, from: 10_100 }),
    ).toEqual([undefined, undefined]);
  });
});

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc
    .array(fc.stringMatching(/^[\w\\-]{0,63}$/), { maxLength: 8 })
    .map((labels) => labels.join('.')),
  fc.constantFrom('__proto__.constructor', '\\', '.', 'a'.repeat(70_000), '\u001b[2J.x.y`z.com'),
);

/** The state as it would come back from a store. */
function throughJson(watch: NameWatch, learned: LearnedDomains): [NameWatch, LearnedDomains] {
  const copy = <Kept>(kept: Kept): Kept => JSON.parse(JSON.stringify(kept)) as Kept;
  return [
    { domains: new Map(copy([...watch.domains])) },
    unpackDomains(copy(packDomains(learned))),
  ];
}

describe('whatever is asked', () => {
  it('nothing throws, what is shown is plain, and the state survives a trip through JSON', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(hostile, fc.integer({ min: -1e9, max: 1e9 }), fc.boolean())),
        (queries) => {
          let watch = createNameWatch();
          let learned = createLearnedDomains();
          const straight = { watch: createNameWatch(), learned: createLearnedDomains() };
          for (const [name, at, learning] of queries) {
            const held = judgeName(watch, learned, { at, name }, { learning });
            expect(held?.sentence ?? '').toMatch(/^[\x20-\x7e…]*$/);
            expect(judgeName(straight.watch, straight.learned, { at, name }, { learning })).toEqual(
              held,
            );
            [watch, learned] = throughJson(watch, learned);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('what is kept stays bounded under ever new domains, and the worst is kept', () => {
    const watch = createNameWatch();
    const learned = createLearnedDomains();
    ask(chunks(40, 'tunnel.example.org'), 100, { watch, learned });
    for (const learning of [true, false]) {
      ask(
        Array.from({ length: 3_000 }, (_, index) => `${chunk(index)}.${chunk(index, 12)}.com`),
        10,
        { watch, learned, learning, from: 5_000 },
      );
    }
    expect(watch.domains.size).toBeLessThanOrEqual(128);
    expect(learned.tops.size).toBeLessThanOrEqual(128);
    expect(watch.domains.has('example.org')).toBe(true);
    expect(JSON.stringify([...watch.domains]).length).toBeLessThan(50_000);
  });
});

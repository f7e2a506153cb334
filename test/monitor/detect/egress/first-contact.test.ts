import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createFirstContacts,
  judgeFirstContacts,
  noteFirstContacts,
} from '../../../../monitor/detect/egress/first-contact.ts';
import {
  createLearnedPlaces,
  packPlaces,
  placeOf,
  unpackPlaces,
} from '../../../../monitor/detect/egress/learned-places.ts';
import type { Verdict } from '../../../../monitor/detect/verdict.ts';
import type { EgressDestination } from '../../../../monitor/model/egress.ts';
import { readProfile } from '../../../../monitor/pipeline/baseline/stored-profile.ts';

const hour = 3_600_000;
const day = 24 * hour;
const start = Date.UTC(2026, 5, 1);

const to = (name: string, change: Partial<EgressDestination> = {}): EgressDestination => ({
  ...{ address: '203.0.113.7', name, protocol: 'tcp', port: 443 },
  ...{ sentPackets: 3, sentBytes: 300, receivedPackets: 3, receivedBytes: 4000 },
  refusedPackets: 0,
  ...change,
});

/** A workload that has talked to its package registry for three days. */
function agent(image = 'sha256:one') {
  let learned = createLearnedPlaces();
  const contacts = createFirstContacts();
  const look = (
    at: number,
    destinations: readonly EgressDestination[],
    runs = image,
  ): readonly Verdict[] => {
    noteFirstContacts(contacts, learned, {
      ...{ kind: 'egress', at: start + at, workload: 'agent', container: 'c', image: runs },
      ...{ mode: 'observe', destinations, names: [], omitted: 0, breach: undefined },
    });
    return judgeFirstContacts(contacts, start + at);
  };
  for (let at = 0; at < 3 * day; at += 12 * hour) look(at, [to('packages.example.org')]);
  return {
    look,
    learned: () => learned,
    restart: () => {
      learned = unpackPlaces(packPlaces(learned));
    },
  };
}

describe('The first contact with a place', () => {
  test('is told once, in words that say how long nothing of the kind was seen', () => {
    const { look } = agent();
    expect(look(3 * day, [to('paste.example.com')])).toMatchObject([
      {
        kind: 'first-contact',
        severity: 'info',
        sentence:
          'Talks to example.com for the first time: in 3 days no container of its kind did.',
      },
    ]);
    expect(look(3 * day + 2 * hour, [to('other.example.com')])).toEqual([]);
  });

  test('is no news in the first day, nor where the wall refused it or nobody answered', () => {
    const young = createLearnedPlaces();
    const contacts = createFirstContacts();
    const rest = { mode: 'observe', names: [], omitted: 0, breach: undefined } as const;
    for (const [at, name] of [
      [0, 'a.example'],
      [23 * hour, 'b.example'],
    ] as const) {
      noteFirstContacts(contacts, young, {
        ...{ kind: 'egress', at: start + at, workload: 'agent', container: 'c' },
        ...{ ...rest, destinations: [to(name)] },
      });
      expect(judgeFirstContacts(contacts, start + at)).toEqual([]);
    }
    const { look } = agent();
    expect(look(3 * day, [to('c.example', { refusedPackets: 3 })])).toEqual([]);
    expect(look(3 * day, [to('c.example', { receivedPackets: 0 })])).toEqual([]);
  });

  test('is no news for who makes first contacts all the time', () => {
    const { look } = agent();
    const told = Array.from({ length: 40 }, (_, index) =>
      look(3 * day + index * 5 * 60_000, [to(`site-${index}.com`)]),
    );
    expect(told.flat().length).toBeLessThanOrEqual(4);
  });

  test('claims no more days than there are contacts kept from', () => {
    const { look } = agent();
    look(
      3 * day,
      Array.from({ length: 64 }, (_, index) => to(`a-${index}.org`)),
    );
    look(
      10 * day,
      Array.from({ length: 64 }, (_, index) => to(`b-${index}.org`)),
    );
    // It was talked to for three days, and is forgotten.
    const [found] = look(20 * day, [to('packages.example.org')]);
    expect(found?.sentence).toBe('Talks to example.org: in 17 days no container of its kind did.');
  });

  test('after a restart of Sentra nothing known is new', () => {
    const { look, restart, learned } = agent();
    restart();
    expect(look(3 * day, [to('packages.example.org')])).toEqual([]);
    const packed = packPlaces(learned());
    expect(readProfile(JSON.parse(JSON.stringify({ places: packed }))).places).toEqual(packed);
  });

  test('what is new since the image was changed is one finding that names all of it', () => {
    const { look } = agent();
    const updated = 'sha256:two';
    expect(look(3 * day, [to('packages.example.org')], updated)).toEqual([]);
    const found = look(
      3 * day + 2 * hour,
      [to('collect.example.com'), to('cdn.example.net')],
      updated,
    );
    expect(found).toMatchObject([
      {
        kind: 'first-contact',
        severity: 'low',
        series: 'image',
        sentence:
          'Talks to example.com and example.net, as it did not in the 3 days before its image was changed 2 h ago.',
      },
    ]);
    expect(look(3 * day + 26 * hour, [to('later.org')], updated)).toMatchObject([
      { severity: 'info' },
    ]);
  });
});

test('A place is a registered domain, or a network; what stays in the house is none', () => {
  const at = (address: string, name?: string) => placeOf({ address, name });
  expect(at('203.0.113.7')).toBe('203.0.113.0/24');
  expect(at('2001:db8:1:2::7')).toBe('2001:db8:1::/48');
  expect(at('2001:db8::7')).toBe('2001:db8:0::/48');
  expect(at('203.0.113.7', 'a.b.example.co.uk')).toBe('example.co.uk');
  for (const inside of [
    '10.1.2.3',
    '192.168.1.1',
    '172.20.0.2',
    '127.0.0.1',
    'fd00::1',
    'fe80::1',
    '::1',
  ]) {
    expect(at(inside), inside).toBeUndefined();
  }
  expect(at('10.0.0.1', 'db.internal')).toBeUndefined();
});

test('Whatever is talked to, what is kept is bounded and can be stored and read back', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string({ maxLength: 300 }), fc.nat(5 * day)), { maxLength: 300 }),
      (seen) => {
        const learned = createLearnedPlaces();
        const contacts = createFirstContacts();
        for (const [name, at] of seen) {
          noteFirstContacts(contacts, learned, {
            ...{ kind: 'egress', at: start + at, workload: 'agent', container: 'c' },
            ...{ mode: 'observe', names: [], omitted: 0, breach: undefined },
            destinations: [to(name)],
          });
          expect(judgeFirstContacts(contacts, start + at).length).toBeLessThanOrEqual(8);
        }
        expect(learned.places.size).toBeLessThanOrEqual(128);
        const packed = packPlaces(learned);
        expect(readProfile(JSON.parse(JSON.stringify({ places: packed }))).places).toEqual(packed);
      },
    ),
  );
});

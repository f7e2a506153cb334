import { expect, onTestFinished, test } from 'vitest';
import { mostNamesAnHour } from '../../../monitor/record/egress-names.ts';
import type { AskedName, RefusedKind } from '../../../monitor/model/egress.ts';
import { defaultRetention } from '../../../monitor/record/retention.ts';
import { expectOk, nineOClock, openForTest } from './examples.ts';

const hour = 3_600_000;

function open() {
  const store = openForTest(':memory:');
  onTestFinished(() => void store.close());
  return store;
}

const refused = (name: string, count = 1) => ({ name, refused: true, count });
const passed = (name: string, count = 1, answered = count) => ({
  ...{ name, refused: false, count, answered },
});
const asked = (at: number, ...names: readonly AskedName[]) => ({
  workload: 'agent',
  ...{ at, names },
});

test('Names are added up over the hours, by what became of each question, the latest first.', () => {
  const { egressNames } = open();
  expectOk(egressNames.add(asked(nineOClock, refused('a.test', 2), refused('b.test'))));
  expectOk(egressNames.add(asked(nineOClock + hour, refused('a.test', 3))));
  expectOk(egressNames.add(asked(nineOClock + hour, { ...refused('b.test', 4), held: true })));
  // Its answer came after the first look; then a rule let the other name through.
  expectOk(egressNames.add(asked(nineOClock, passed('c.test', 3, 1), refused('c.test'))));
  expectOk(egressNames.add(asked(nineOClock + hour, passed('c.test', 0, 1), passed('b.test', 2))));
  const span = { firstSeenAt: nineOClock, lastSeenAt: nineOClock + hour };
  const all = [
    { name: 'a.test', asked: 5, answered: 0, refused: 5, held: 0, ...span },
    { name: 'b.test', asked: 7, answered: 2, refused: 1, held: 4, ...span },
    { name: 'c.test', asked: 4, answered: 2, refused: 1, held: 0, ...span },
  ];
  expect(expectOk(egressNames.list('agent', nineOClock, 10))).toEqual(all);
  expect(expectOk(egressNames.list('agent', nineOClock + hour, 10))).toHaveLength(3);
  expect(expectOk(egressNames.list('another', 0, 10))).toEqual([]);
});

test('Those that were kept back are told by themselves, for what decides about a list.', () => {
  const { egressNames } = open();
  expectOk(egressNames.add(asked(nineOClock, refused('a.test'), passed('b.test'))));
  const keptBack = expectOk(egressNames.list('agent', 0, 10, 'kept-back'));
  expect(keptBack.map(({ name }) => name)).toEqual(['a.test']);
});

test('100,000 distinct names leave 500 an hour, and it is said how many found no place.', () => {
  const { egressNames } = open();
  const many = Array.from({ length: 100_000 }, (_, index) => refused(`n${index}.test`));
  expect(expectOk(egressNames.add(asked(nineOClock, ...many)))).toBe(100_000 - mostNamesAnHour);
  expect(expectOk(egressNames.list('agent', 0, 20_000))).toHaveLength(mostNamesAnHour);
  expect(expectOk(egressNames.add(asked(nineOClock + 1, refused('n0.test'))))).toBe(0);
  // They crowd out none of the other kind.
  expect(expectOk(egressNames.add(asked(nineOClock + 1, passed('found.test'))))).toBe(0);
});

test('After eight days they go, and with the rest when a workload is erased.', () => {
  const store = open();
  expectOk(store.egressNames.add(asked(nineOClock, refused('a.test'))));
  expectOk(store.egressNames.add(asked(nineOClock + 2 * hour, refused('b.test'))));
  expectOk(store.retention.sweep(nineOClock + 8 * 24 * hour + hour, defaultRetention));
  const names = () => expectOk(store.egressNames.list('agent', 0, 10)).map(({ name }) => name);
  expect(names()).toEqual(['b.test']);
  expect(expectOk(store.egress.erase('another'))).toBe(0);
  expectOk(
    store.egressKinds.add({ ...asked(nineOClock), kinds: [{ kind: 'fragments', packets: 1 }] }),
  );
  expect(expectOk(store.egress.erase('agent'))).toBe(2);
  expect(expectOk(store.egressKinds.list('agent', 0))).toEqual([]);
  expect(names()).toEqual([]);
});

test('What has no destination is added up by its kind, over the hours.', () => {
  const { egressKinds } = open();
  const add = (at: number, kind: RefusedKind['kind'], packets: number) =>
    expectOk(egressKinds.add({ workload: 'agent', at, kinds: [{ kind, packets }] }));
  add(nineOClock, 'raw-frames', 4);
  add(nineOClock + 1, 'raw-frames', 5);
  add(nineOClock + hour, 'raw-frames', 6);
  add(nineOClock, 'fragments', 1);
  expect(expectOk(egressKinds.list('agent', nineOClock))).toEqual([
    {
      ...{ kind: 'raw-frames', packets: 15 },
      ...{ firstSeenAt: nineOClock, lastSeenAt: nineOClock + hour },
    },
    { kind: 'fragments', packets: 1, firstSeenAt: nineOClock, lastSeenAt: nineOClock },
  ]);
  expect(expectOk(egressKinds.list('another', 0))).toEqual([]);
});

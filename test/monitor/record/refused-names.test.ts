import { expect, onTestFinished, test } from 'vitest';
import { mostNamesAnHour } from '../../../monitor/record/refused-names.ts';
import { defaultRetention } from '../../../monitor/record/retention.ts';
import { expectOk, nineOClock, openForTest } from './examples.ts';

const hour = 3_600_000;

function open() {
  const store = openForTest(':memory:');
  onTestFinished(() => void store.close());
  return store;
}

const refused = (name: string, count = 1) => ({ name, refused: true, count });
const asked = (at: number, ...names: (ReturnType<typeof refused> & { held?: true })[]) => ({
  workload: 'agent',
  ...{ at, names },
});

test('Refused and held names are added up over the hours, the latest first; allowed ones are none.', () => {
  const { refusedNames } = open();
  expectOk(refusedNames.add(asked(nineOClock, refused('a.test', 2), refused('b.test'))));
  expectOk(refusedNames.add(asked(nineOClock + hour, refused('a.test', 3))));
  expectOk(refusedNames.add(asked(nineOClock + hour, { ...refused('b.test', 4), held: true })));
  const allowed = { name: 'c.test', refused: false, count: 9 };
  expectOk(refusedNames.add({ workload: 'agent', at: nineOClock, names: [allowed] }));
  const { [0]: first, [1]: second, length } = expectOk(refusedNames.list('agent', nineOClock, 10));
  expect(length).toBe(2);
  const span = { firstSeenAt: nineOClock, lastSeenAt: nineOClock + hour };
  expect([first, second]).toEqual(
    expect.arrayContaining([
      { name: 'a.test', refused: 5, held: 0, ...span },
      { name: 'b.test', refused: 1, held: 4, ...span },
    ]),
  );
  expect(expectOk(refusedNames.list('agent', nineOClock + hour, 10))).toHaveLength(2);
  expect(expectOk(refusedNames.list('another', 0, 10))).toEqual([]);
});

test('100,000 distinct names leave 500 an hour, and it is said how many found no place.', () => {
  const { refusedNames } = open();
  const many = Array.from({ length: 100_000 }, (_, index) => refused(`n${index}.test`));
  expect(expectOk(refusedNames.add(asked(nineOClock, ...many)))).toBe(100_000 - mostNamesAnHour);
  expect(expectOk(refusedNames.list('agent', 0, 20_000))).toHaveLength(mostNamesAnHour);
  expect(expectOk(refusedNames.add(asked(nineOClock + 1, refused('n0.test'))))).toBe(0);
});

test('After eight days they go, and with the rest when a workload is erased.', () => {
  const store = open();
  expectOk(store.refusedNames.add(asked(nineOClock, refused('a.test'))));
  expectOk(store.refusedNames.add(asked(nineOClock + 2 * hour, refused('b.test'))));
  expectOk(store.retention.sweep(nineOClock + 8 * 24 * hour + hour, defaultRetention));
  const names = () => expectOk(store.refusedNames.list('agent', 0, 10)).map(({ name }) => name);
  expect(names()).toEqual(['b.test']);
  expect(expectOk(store.egress.erase('another'))).toBe(0);
  expect(expectOk(store.egress.erase('agent'))).toBe(1);
  expect(names()).toEqual([]);
});

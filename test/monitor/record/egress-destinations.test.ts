import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { mostDestinationsAnHour } from '../../../monitor/record/egress-destinations.ts';
import { defaultRetention } from '../../../monitor/record/retention.ts';
import { expectFailure, expectOk, nineOClock, openForTest } from './examples.ts';

const hour = 3_600_000;

const seen = (address: string, change: object = {}) => ({
  address,
  name: undefined,
  protocol: 'tcp',
  port: 443,
  sentPackets: 2,
  sentBytes: 200,
  receivedPackets: 1,
  receivedBytes: 100,
  refusedPackets: 0,
  ...change,
});

function open() {
  const store = openForTest(':memory:');
  onTestFinished(() => void store.close());
  return store;
}

const look = (at: number, ...destinations: ReturnType<typeof seen>[]) => ({
  workload: 'agent',
  image: 'sha256:one',
  at,
  destinations,
});

test('What was seen of a destination is added up over the hours, with its first and last time.', () => {
  const { egress } = open();
  expectOk(egress.add(look(nineOClock, seen('192.0.2.1', { name: 'a.test' }), seen('192.0.2.2'))));
  expectOk(egress.add(look(nineOClock + 5000, seen('192.0.2.1', { name: 'a.test' }))));
  expectOk(
    egress.add(look(nineOClock + hour, seen('192.0.2.1', { name: 'a.test', port: undefined }))),
  );
  expectOk(egress.add(look(nineOClock + hour + 1, seen('192.0.2.1', { name: 'a.test' }))));
  const listed = expectOk(egress.list('agent', nineOClock, 10));
  expect(listed).toHaveLength(3);
  expect(listed[0]).toEqual({
    ...seen('192.0.2.1', { name: 'a.test' }),
    looks: 3,
    sentPackets: 6,
    sentBytes: 600,
    receivedPackets: 3,
    receivedBytes: 300,
    firstSeenAt: nineOClock,
    lastSeenAt: nineOClock + hour + 1,
  });
  expect(listed[1]?.port).toBeUndefined();
  expect(expectOk(egress.list('agent', nineOClock + hour, 10))).toHaveLength(2);
  expect(expectOk(egress.list('another', 0, 10))).toEqual([]);
  expect(expectOk(egress.imagesOf('agent', '192.0.2.1'))).toEqual(['sha256:one']);
});

test('A spray of 100,000 destinations leaves 500 an hour, and says how many found no place.', () => {
  const { egress } = open();
  const spray = Array.from({ length: 100_000 }, (_, index) =>
    seen(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`),
  );
  const omitted = expectOk(egress.add(look(nineOClock, ...spray)));
  expect(omitted).toBe(100_000 - mostDestinationsAnHour);
  expect(expectOk(egress.list('agent', 0, 20_000))).toHaveLength(mostDestinationsAnHour);
  // Those that have a place go on being counted.
  expect(expectOk(egress.add(look(nineOClock + 1, seen('10.0.0.0'))))).toBe(0);
});

test('Hostile text comes back as it was; what is not text of Sentra’s is left out.', () => {
  const { egress } = open();
  const name = "'; DROP TABLE workloads; --\u0000\u202e";
  expectOk(egress.add(look(nineOClock, seen('192.0.2.1', { name }))));
  expect(expectOk(egress.list('agent', 0, 10))[0]?.name).toBe(name);
});

test('After eight days it goes, and erasing a workload takes all of it at once.', () => {
  const store = open();
  expectOk(store.egress.add(look(nineOClock, seen('192.0.2.1'))));
  expectOk(store.egress.add(look(nineOClock + 2 * hour, seen('192.0.2.2'))));
  expectOk(store.retention.sweep(nineOClock + 8 * 24 * hour + hour, defaultRetention));
  expect(expectOk(store.egress.list('agent', 0, 10)).map(({ address }) => address)).toEqual([
    '192.0.2.2',
  ]);
  expect(expectOk(store.egress.erase('another'))).toBe(0);
  expect(expectOk(store.egress.erase('agent'))).toBe(1);
  expect(expectOk(store.egress.list('agent', 0, 10))).toEqual([]);
});

test.each([['agent'], [undefined]])(
  'What is erased of %s leaves no trace in the files, and the rest of the record stays.',
  (workload) => {
    const folder = mkdtempSync(join(tmpdir(), 'sentra-erase-'));
    const path = join(folder, 'record.db');
    const store = openForTest(path);
    onTestFinished(() => {
      store.close();
      rmSync(folder, { recursive: true, force: true });
    });
    const names = Array.from({ length: 300 }, (_, index) => `told-only-here-${index}.test`);
    const destinations = names.map((name, index) => seen(`192.0.2.${index % 250}`, { name }));
    expectOk(store.egress.add(look(nineOClock, ...destinations)));
    // What was dropped earlier, by its age, is to be gone as well.
    expectOk(
      store.egress.add(
        look(nineOClock - 9 * 24 * hour, seen('10.0.0.1', { name: 'x.told-only-here' })),
      ),
    );
    expectOk(store.retention.sweep(nineOClock, defaultRetention));
    expectOk(store.settings.set('kept', 'what is kept'));
    const inFiles = (text: string): boolean =>
      readdirSync(folder).some((name) => readFileSync(join(folder, name)).includes(text));
    expect(inFiles('told-only-here')).toBe(true);
    expect(expectOk(store.egress.erase(workload))).toBe(300);
    expect(inFiles('told-only-here')).toBe(false);
    expect(expectOk(store.settings.get('kept', z.string()))).toBe('what is kept');
    expectOk(store.egress.add(look(nineOClock, seen('192.0.2.9'))));
    expect(expectOk(store.egress.list('agent', 0, 10))).toHaveLength(1);
  },
);

test('What is erased while another program reads the file is gone, but may have left traces in it.', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sentra-erase-'));
  const path = join(folder, 'record.db');
  const store = openForTest(path);
  const reader = new DatabaseSync(path, { readOnly: true });
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  expectOk(store.egress.add(look(nineOClock, seen('192.0.2.1', { name: 'told-only-here.test' }))));
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM egress_destinations').get();
  const error = expectFailure(store.egress.erase('agent'));
  expect(error.kind).toBe('busy');
  expect(error.message).toMatch(/^The rows are gone, but traces of them may be left in the file: /);
  expect(expectOk(store.egress.list('agent', 0, 10))).toEqual([]);
  reader.close();
  expect(expectOk(store.egress.erase('agent'))).toBe(0);
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
  expect(files.some((file) => file.includes('told-only-here'))).toBe(false);
});

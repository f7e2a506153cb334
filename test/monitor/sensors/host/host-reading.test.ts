import { expect, test } from 'vitest';
import {
  parseLoad,
  parseMemory,
  readBattery,
  readHost,
} from '../../../../monitor/sensors/host/host-reading.ts';

test('load and memory are read from their files', () => {
  expect(parseLoad('1.25 0.50 0.25 2/300 4711\n')).toBe(1.25);
  expect(parseLoad('garbage')).toBeUndefined();
  expect(parseMemory('MemTotal:  1000 kB\nMemFree: 1 kB\nMemAvailable:  250 kB\n')).toBe(0.25);
  expect(parseMemory('MemTotal:  1000 kB\n')).toBeUndefined();
});

test('this machine tells its load and memory', async () => {
  const reading = await readHost('/proc');
  expect(reading.ok).toBe(true);
  if (!reading.ok) return;
  expect(reading.value.loadPerCore).toBeGreaterThanOrEqual(0);
  expect(reading.value.memoryAvailableShare).toBeGreaterThan(0);
  expect(reading.value.memoryAvailableShare).toBeLessThanOrEqual(1);
});

test.runIf(process.platform === 'linux')('what cannot be read is a value', async () => {
  expect(await readHost('/nowhere')).toMatchObject({ ok: false });
  expect(await readBattery('/nowhere')).toBe(false);
});

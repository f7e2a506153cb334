import { expect, test } from 'vitest';
import { negotiateApi } from '../../../monitor/engine/api-version.ts';

test.each([
  ['1.41', '1.12', '1.41'],
  ['1.56', '1.40', '1.47'],
  ['1.40', '', '1.40'],
  ['1.47', '1.44', '1.47'],
])('an engine of API %s, from %s on, is spoken to in %s', (newest, oldest, spoken) => {
  expect(negotiateApi(newest, oldest)).toEqual({ ok: true, value: spoken });
});

test.each([
  ['1.39', '1.12', 'Sentra needs 1.40'],
  ['1.60', '1.50', 'Sentra speaks up to 1.47'],
  ['2.0', '', 'calls its API version'],
  ['', '', 'calls its API version'],
  ['1.41', 'x', 'calls its API version'],
])('an engine of API %s, from %s on, is refused with the reason', (newest, oldest, reason) => {
  const version = negotiateApi(newest, oldest);
  if (version.ok) throw new Error('It was taken.');
  expect(version.error.message).toContain(reason);
});

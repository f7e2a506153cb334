import { expect, test } from 'vitest';
import { resolveTarget } from '../../../monitor/rpc/target.ts';
import { fakeWorkload, idOf } from './fake-service.ts';

const builder = fakeWorkload('builder', 'b0b0');
const web = fakeWorkload('shop-web-1', 'cafe01', { composeProject: 'shop', composeService: 'web' });
const database = fakeWorkload('shop-db-1', 'cafe02', {
  composeProject: 'shop',
  composeService: 'db',
});
const watched = [builder, web, database];

test.each([
  ['a name', 'builder', builder],
  ['a compose service', 'web', web],
  ['a project and its service', 'shop/db', database],
  ['the first digits of an id', 'cafe01', web],
  ['digits in capitals', 'CAFE02', database],
  ['the whole id', idOf('b0b0'), builder],
])('%s means that container.', (_, target, meant) => {
  expect(resolveTarget(watched, target)).toEqual({ ok: true, value: meant });
});

test('Digits that fit two containers are refused with both of them named.', () => {
  const found = resolveTarget(watched, 'cafe');
  expect(found).toMatchObject({
    ok: false,
    error: {
      kind: 'ambiguous-target',
      candidates: [{ name: 'shop-web-1' }, { name: 'shop-db-1' }],
    },
  });
});

test('Fewer than four digits, part of a name, or nothing, mean no container.', () => {
  for (const target of ['b0b', 'build', '']) {
    expect(resolveTarget(watched, target)).toMatchObject({ error: { kind: 'unknown-target' } });
  }
});

test('What may have been meant is named.', () => {
  expect(resolveTarget(watched, 'shop')).toMatchObject({
    error: { candidates: [{ name: 'shop-web-1' }, { name: 'shop-db-1' }] },
  });
});

test('A container cannot draw an action upon itself, or away from another, by its name.', () => {
  const impostor = fakeWorkload('b0b000000000', 'dead');
  expect(resolveTarget([...watched, impostor], 'b0b000000000')).toMatchObject({
    error: { kind: 'ambiguous-target' },
  });
  const longName = fakeWorkload(idOf('b0b0'), 'beef');
  expect(resolveTarget([longName, ...watched], idOf('b0b0'))).toEqual({ ok: true, value: builder });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readEvent } from '../../../monitor/engine/event-payload.ts';

const id = 'a1'.repeat(32);

function line(members: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(members).replace('"NANO"', '1795348200789377239');
}

describe('An engine event', () => {
  test('keeps the nanoseconds to the last digit', () => {
    const actor = { ID: id, Attributes: { name: 'web', timeNano: '5' } };
    const text = line({ Type: 'container', Action: 'start', Actor: actor, timeNano: 'NANO' });
    expect(readEvent(text)).toEqual({
      kind: 'item',
      item: {
        timeNano: '1795348200789377239',
        type: 'container',
        action: 'start',
        detail: '',
        actor: id,
        attributes: { name: 'web', timeNano: '5' },
      },
    });
  });

  test('is read the same with and without the fields that API 1.52 dropped', () => {
    const now = {
      Type: 'container',
      Action: 'die',
      Actor: { ID: id, Attributes: { image: 'busybox', exitCode: '137' } },
      time: 1795348200,
      timeNano: 'NANO',
    };
    const before = { status: 'die', id, from: 'busybox', ...now };
    expect(readEvent(line(before))).toEqual(readEvent(line(now)));
  });

  test('of an engine so old that it has only the dropped fields is read too', () => {
    const text = line({ status: 'start', id, from: 'busybox', time: 1795348200 });
    expect(readEvent(text)).toMatchObject({
      item: {
        type: 'container',
        action: 'start',
        actor: id,
        timeNano: '1795348200000000000',
        attributes: { image: 'busybox' },
      },
    });
  });

  test.each([
    ['exec_create: sh -c "echo a: b"', 'exec_create', 'sh -c "echo a: b"'],
    ['health_status: unhealthy', 'health_status', 'unhealthy'],
    ['exec_start: true ', 'exec_start', 'true'],
    ['exec_die', 'exec_die', ''],
  ])('%s is action and detail', (words, action, detail) => {
    const text = line({ Type: 'container', Action: words, Actor: { ID: id }, timeNano: 'NANO' });
    expect(readEvent(text)).toMatchObject({ item: { action, detail } });
  });

  test('of `top` is skipped, and so is a kind that was not asked for', () => {
    const top = { Type: 'container', Action: 'top', Actor: { ID: id }, timeNano: 'NANO' };
    expect(readEvent(line(top))).toEqual({ kind: 'skip' });
    expect(readEvent(line({ ...top, Type: 'image', Action: 'pull' }))).toEqual({ kind: 'skip' });
  });

  test('of a daemon needs no labels', () => {
    const text = line({
      Type: 'daemon',
      Action: 'reload',
      Actor: { ID: 'AB', Attributes: null },
      timeNano: 'NANO',
    });
    expect(readEvent(text)).toMatchObject({ item: { type: 'daemon', attributes: {} } });
  });

  test.each([
    ['no JSON', '{"Type"'],
    ['no time', line({ Type: 'container', Action: 'start', Actor: { ID: id } })],
    ['no action', line({ Type: 'container', Actor: { ID: id }, timeNano: 'NANO' })],
    ['a time with a fraction', '{"Type":"container","Action":"start","timeNano":1.5}'],
    ['a number for an action', line({ Type: 'container', Action: 5, timeNano: 'NANO' })],
    ['an attribute that is no text', line({ Type: 'container', Actor: { Attributes: { a: 1 } } })],
  ])('with %s is garbage', (_, text) => {
    expect(readEvent(text).kind).toBe('garbage');
  });

  test('never throws, whatever comes', () => {
    const members = fc.record(
      {
        Type: fc.oneof(fc.constant('container'), fc.jsonValue()),
        Action: fc.oneof(fc.string(), fc.jsonValue()),
        Actor: fc.jsonValue(),
        timeNano: fc.oneof(fc.nat(), fc.jsonValue()),
        status: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), members, fc.string()), (value) => {
        const reading = readEvent(typeof value === 'string' ? value : JSON.stringify(value));
        if (reading.kind === 'item') expect(reading.item.timeNano).toMatch(/^\d+$/);
      }),
    );
  });
});

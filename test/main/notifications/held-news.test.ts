import { describe, expect, test } from 'vitest';
import { createHeldTold, heldNotice } from '../../../main/notifications/held-news.ts';
import type { HeldRequest } from '../../../monitor/model/held.ts';
import { fakeQuestion } from '../../monitor/rpc/fake-egress-service.ts';

const waiting = (name: string, until: number): HeldRequest =>
  fakeQuestion({
    id: name.padEnd(16, '0'),
    name: `${name}.test`,
    state: { kind: 'waiting', until },
  });

describe('What is held', () => {
  test('is told once while it is held, and again when it asks again.', () => {
    const told = createHeldTold();
    const first = waiting('a', 1000);
    expect(told.step([first])).toHaveLength(1);
    expect(told.step([{ ...first, attempts: 9 }])).toEqual([]);
    expect(told.step([{ ...first, state: { kind: 'deferred' } }])).toEqual([]);
    expect(told.step([waiting('a', 5000)])).toHaveLength(1);
  });

  test('comes with all that is held of the same container, in one notification.', () => {
    const told = createHeldTold();
    told.step([waiting('a', 1000)]);
    const [news] = told.step([waiting('b', 1000), waiting('a', 1000)]);
    expect(news?.requests.map(({ name }) => name)).toEqual(['b.test', 'a.test']);
    expect(news && heldNotice(news)).toMatchObject({
      title: 'agent asks for 2 connections',
      body: expect.stringContaining('b.test (tcp 443), a.test (tcp 443)') as string,
    });
  });

  test('can be refused from the notification, and not allowed.', () => {
    const { buttons } = heldNotice({ container: 'c', requests: [waiting('a', 1000)] });
    expect(buttons.map(({ deed }) => deed.kind)).toEqual(['refuse-held', 'open']);
  });

  test('with a hostile name stays one short line.', () => {
    const { body } = heldNotice({
      container: 'c',
      requests: [{ ...waiting('a', 1), name: `x\u202e\n${'y'.repeat(5000)}` }],
    });
    expect(body).not.toMatch(/[\n\u202e]/);
    expect(body.length).toBeLessThan(400);
  });
});

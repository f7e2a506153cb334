import { expect, test } from 'vitest';
import { mostRead, responseTo } from '../../renderer/state/finding-response.ts';
import { action, decision, finding, noon } from './fixtures.ts';

const nothing = { decisions: [], actions: [] };

test('Before the record was read, that nothing is known says nothing.', () => {
  const response = responseTo(finding(1), nothing, undefined);
  expect(response).toEqual({ decisions: [], taken: [], isRead: false, isWhole: false });
});

test('What the record has is told, be it older than all that the window has.', () => {
  const record = { decisions: [decision(1)], actions: [action(1)] };
  const told = { decisions: [], actions: [action(2), action(3)] };
  expect(responseTo(finding(1), told, record)).toEqual({
    decisions: [decision(1)],
    taken: [action(1)],
    isRead: true,
    isWhole: true,
  });
});

test('What was told counts once, as it was told last, and also where the record lacks it.', () => {
  const begun = action(1, { outcome: { state: 'started' } });
  const told = { decisions: [decision(1), decision(2)], actions: [action(1)] };
  for (const record of [undefined, nothing, { decisions: [decision(1)], actions: [begun] }]) {
    const response = responseTo(finding(1), told, record);
    expect(response.decisions).toEqual([decision(1)]);
    expect(response.taken).toEqual([action(1)]);
  }
});

test('A person’s deed counts while the finding is open, a rule’s by its decision.', () => {
  const person = { kind: 'person' } as const;
  const over = finding(1, { status: 'closed', onsetAt: noon, at: noon + 5000 });
  const actions = [-1, 1, 5001].map((after) =>
    action(after + 10, {
      container: over.container,
      requester: person,
      startedAt: noon + after,
    }),
  );
  const told = { decisions: [], actions: [...actions, action(1, { startedAt: noon + 2 })] };
  expect(responseTo(over, told, nothing).taken).toEqual([actions[1]]);
});

test('A record that was not read as far back as the finding goes is not the whole.', () => {
  const actions = Array.from({ length: mostRead }, (_, number) => action(number + 2));
  expect(responseTo(finding(1), nothing, { decisions: [], actions })).toMatchObject({
    isRead: true,
    isWhole: false,
  });
});

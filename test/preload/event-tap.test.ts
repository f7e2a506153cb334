import { describe, expect, test } from 'vitest';
import { createEventTap } from '../../preload/event-tap.ts';
import type { ShellEvent } from '../../preload/shell.ts';

const lost = (sequence: number): ShellEvent => ({ kind: 'lost', count: 1, sequence });

describe('What the shell tells before the page listens', () => {
  test('is told to the first listener, in order, and to no later one.', () => {
    const tap = createEventTap();
    tap.tell(lost(1));
    tap.tell(lost(2));
    const [first, second]: [number[], number[]] = [[], []];
    tap.listen(({ sequence }) => first.push(sequence));
    tap.listen(({ sequence }) => second.push(sequence));
    tap.tell(lost(3));
    expect(first).toEqual([1, 2, 3]);
    expect(second).toEqual([3]);
  });

  test('is bounded: a page that never listens costs no memory, and one that comes late sees the gap.', () => {
    const tap = createEventTap();
    for (let sequence = 1; sequence <= 1000; sequence += 1) tap.tell(lost(sequence));
    const heard: number[] = [];
    tap.listen(({ sequence }) => heard.push(sequence));
    expect(heard.length).toBeLessThan(1000);
    expect(heard.at(-1)).toBe(1000);
    expect(heard[0]).toBe(1000 - heard.length + 1);
  });

  test('Who has left hears nothing more.', () => {
    const tap = createEventTap();
    const heard: number[] = [];
    const leave = tap.listen(({ sequence }) => heard.push(sequence));
    leave();
    tap.tell(lost(1));
    expect(heard).toEqual([]);
  });
});

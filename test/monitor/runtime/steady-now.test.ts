import { beforeEach, expect, test } from 'vitest';
import { createSteadyNow } from '../../../monitor/runtime/steady-now.ts';

const hour = 3_600_000;
const year = 365 * 24 * hour;

let wall: number;
let sinceBoot: number;

beforeEach(() => {
  wall = 50 * year;
  sinceBoot = hour;
});

const clock = { now: () => wall, sinceBoot: () => sinceBoot };

function pass(milliseconds: number): void {
  wall += milliseconds;
  sinceBoot += milliseconds;
}

test('A clock that goes as time does, or is set by a little, is believed.', () => {
  const now = createSteadyNow(clock);
  expect(now()).toBe(wall);
  pass(100 * 24 * hour);
  expect(now()).toBe(wall);
  wall += hour / 2;
  expect(now()).toBe(wall);
  wall += hour / 2;
  expect(now()).toBe(wall);
});

test('A clock that was set ahead is not believed before a day has passed.', () => {
  const now = createSteadyNow(clock);
  const before = wall;
  wall += year;
  pass(hour);
  expect(now()).toBe(before + hour);
  pass(23 * hour);
  expect(now()).toBe(before + 24 * hour);
  pass(2 * hour);
  expect(now()).toBe(wall);
});

test('One that was wrong for hours and is right again brings nothing forward, nor does the next time.', () => {
  const now = createSteadyNow(clock);
  for (let time = 0; time < 3; time += 1) {
    const before = wall;
    wall += year;
    expect(now()).toBe(before);
    pass(20 * hour);
    expect(now()).toBe(before + 20 * hour);
    wall -= year;
    expect(now()).toBe(wall);
    pass(20 * hour);
    expect(now()).toBe(wall);
  }
});

test('A clock that was set back is believed at once.', () => {
  const now = createSteadyNow(clock);
  wall -= year;
  expect(now()).toBe(wall);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Schedule } from '../../../monitor/simulator/schedule.ts';
import { VirtualTime } from '../../../monitor/simulator/virtual-time.ts';

test('things happen in the order of their times, then of asking; cancelled ones never', () => {
  const entries = fc.array(fc.record({ at: fc.integer({ min: 0, max: 50 }), kept: fc.boolean() }));
  fc.assert(
    fc.property(entries, (planned) => {
      const schedule = new Schedule();
      const happened: number[] = [];
      planned.forEach(({ at, kept }, index) => {
        const appointment = schedule.at(at, () => happened.push(index));
        if (!kept) appointment.cancel();
      });
      while (schedule.next() !== undefined) schedule.runNext();
      const wanted = planned
        .map(({ at, kept }, index) => ({ at, kept, index }))
        .filter(({ kept }) => kept)
        .sort((one, other) => one.at - other.at || one.index - other.index)
        .map(({ index }) => index);
      expect(happened).toEqual(wanted);
    }),
  );
});

test('every whole second has its beat, however time is cut into steps', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2_500 })), (steps) => {
      const beats: number[] = [];
      const time = new VirtualTime(0, (now) => beats.push(now));
      let total = 0;
      for (const step of steps) time.advanceTo((total += step));
      const wanted = Array.from({ length: Math.floor(total / 1_000) }, (_, n) => (n + 1) * 1_000);
      expect(beats).toEqual(wanted);
      expect(time.now()).toBe(total);
    }),
  );
});

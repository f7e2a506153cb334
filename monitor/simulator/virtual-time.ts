import { Schedule } from './schedule.ts';

/** How virtual time passes: `stepped` = only when told to, else virtual ms for one real ms. */
export type Speed = number | 'stepped';

/** Real milliseconds between two looks at the clock when virtual seconds pass faster than that. */
const shortestWaitMs = 20;

/** Real milliseconds that may pass unnoticed: after a longer sleep of the machine, time stands still. */
const longestLeapMs = 5_000;

/**
 * The clock of a simulated engine. Everything that happens by itself happens here, in order: what is
 * scheduled, and one beat at every whole virtual second. One timer serves it all.
 */
export class VirtualTime {
  readonly schedule = new Schedule();
  readonly startedAt: number;
  #now: number;
  #nextBeat: number;
  #timer: NodeJS.Timeout | undefined;
  readonly #beat: (now: number) => void;

  /** `beat` is called at each whole virtual second after the start, with that time. */
  constructor(startedAt: number, beat: (now: number) => void) {
    this.startedAt = startedAt;
    this.#now = startedAt;
    this.#nextBeat = startedAt + 1_000;
    this.#beat = beat;
  }

  /** Virtual time, milliseconds since 1970; a whole number. */
  now(): number {
    return this.#now;
  }

  /** Lets time pass to `target`, all that happens until then included. */
  advanceTo(target: number): void {
    for (;;) {
      const planned = this.schedule.next() ?? Infinity;
      const next = Math.min(planned, this.#nextBeat);
      if (next > target) break;
      this.#now = Math.max(this.#now, next);
      if (planned <= this.#nextBeat) this.schedule.runNext();
      else {
        this.#nextBeat += 1_000;
        this.#beat(this.#now);
      }
    }
    this.#now = Math.max(this.#now, target);
  }

  /** Lets time pass by itself, `speed` virtual milliseconds for each real one. */
  run(speed: number): void {
    let seen = performance.now();
    let owed = 0;
    const look = (): void => {
      const real = performance.now();
      owed += Math.min(real - seen, longestLeapMs) * speed;
      seen = real;
      const whole = Math.floor(owed);
      owed -= whole;
      this.advanceTo(this.#now + whole);
      const due = Math.min(this.schedule.next() ?? Infinity, this.#nextBeat) - this.#now;
      this.#timer = setTimeout(look, Math.max(shortestWaitMs, due / speed));
    };
    this.#timer = setTimeout(look, shortestWaitMs);
  }

  /** Stops the clock for good. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

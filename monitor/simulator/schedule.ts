/** Something that will happen at a virtual time, unless it is cancelled. */
export interface Appointment {
  cancel(): void;
}

interface Entry {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

/**
 * What is to happen later in virtual time. A binary heap by time, and by order of asking within the
 * same millisecond, so that the same steps always happen in the same order.
 */
export class Schedule {
  readonly #heap: Entry[] = [];
  #order = 0;

  /** Runs `run` when virtual time reaches `at` (milliseconds since 1970). */
  at(at: number, run: () => void): Appointment {
    const entry: Entry = { at, order: this.#order++, run };
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
    return {
      cancel: () => {
        entry.run = undefined;
      },
    };
  }

  /** When the next thing happens, or undefined when nothing is planned. */
  next(): number | undefined {
    let first = this.#heap[0];
    while (first !== undefined && first.run === undefined) {
      this.#take();
      first = this.#heap[0];
    }
    return first?.at;
  }

  /** Runs the first thing that is planned. */
  runNext(): void {
    this.next();
    const entry = this.#take();
    entry?.run?.();
  }

  #before(one: number, other: number): boolean {
    const left = this.#heap[one];
    const right = this.#heap[other];
    if (left === undefined || right === undefined) return false;
    return left.at === right.at ? left.order < right.order : left.at < right.at;
  }

  #swap(one: number, other: number): void {
    const left = this.#heap[one];
    const right = this.#heap[other];
    if (left === undefined || right === undefined) return;
    this.#heap[one] = right;
    this.#heap[other] = left;
  }

  #rise(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #take(): Entry | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first === undefined || last === undefined || this.#heap.length === 0) return first;
    this.#heap[0] = last;
    let at = 0;
    for (;;) {
      let least = at;
      if (this.#before(2 * at + 1, least)) least = 2 * at + 1;
      if (this.#before(2 * at + 2, least)) least = 2 * at + 2;
      if (least === at) return first;
      this.#swap(at, least);
      at = least;
    }
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import type { HeldQuestion, HeldRequest } from '../../monitor/model/held.ts';
import type { ContainerId } from '../../monitor/model/workload.ts';
import type { Clock } from '../../monitor/runtime/clock.ts';
import { createHeldTold, heldNotice } from './held-news.ts';
import type { Notice } from './notice.ts';

/** How long a container's next notification waits, milliseconds: longer each time, while nobody answers. */
export const heldPace = { firstMs: 5000, mostMs: 120_000 } as const;

/** A notification does not wait longer than this for what helps to decide, milliseconds. */
const patienceMs = 1000;

interface Resting {
  /** Monotonic milliseconds. */
  until: number;
  nextMs: number;
  timer: NodeJS.Timeout | undefined;
}

/** Tells of what is held: the first at once, the next ones not before a rest; a crowd is told together. */
export interface HeldNotices {
  onHeld(held: readonly HeldRequest[]): void;
  stop(): void;
}

/**
 * `show` takes the place of what was shown with the same key before. `ask` gives all that the monitor
 * knows about a question; undefined where that cannot be had.
 */
export function createHeldNotices(
  show: (key: string, notice: Notice) => void,
  clock: Pick<Clock, 'monotonic' | 'now'>,
  ask: (id: string) => Promise<HeldQuestion | undefined>,
): HeldNotices {
  const told = createHeldTold();
  const resting = new Map<ContainerId, Resting>();
  let latest: readonly HeldRequest[] = [];

  const waitingOf = (container: ContainerId): readonly HeldRequest[] =>
    latest.filter((each) => each.container === container && each.state.kind === 'waiting');

  /** It has been quiet for so long that it begins anew. */
  const isOver = ({ until }: Resting): boolean => clock.monotonic() - until > heldPace.mostMs;

  function tell(container: ContainerId): void {
    const requests = waitingOf(container);
    if (requests.length === 0) return;
    const before = resting.get(container);
    const restMs = before === undefined || isOver(before) ? heldPace.firstMs : before.nextMs;
    resting.set(container, {
      until: clock.monotonic() + restMs,
      nextMs: Math.min(restMs * 2, heldPace.mostMs),
      timer: undefined,
    });
    const key = `held ${container}`;
    const [only] = requests;
    if (only === undefined || requests.length > 1) show(key, heldNotice({ container, requests }));
    else void tellFully(key, only);
  }

  /** One question comes with what the record says about it. */
  async function tellFully(key: string, request: HeldRequest): Promise<void> {
    const { container, id } = request;
    const timer = new AbortController();
    const question = await Promise.race([
      ask(id).catch(() => undefined),
      delay(patienceMs, undefined, { ref: false, signal: timer.signal }).catch(() => undefined),
    ]);
    timer.abort();
    // It may have been answered, or have company by now.
    const requests = waitingOf(container);
    if (!requests.some((each) => each.id === id)) return;
    const known = requests.length > 1 || question === undefined ? undefined : question;
    show(
      key,
      heldNotice(
        { container, requests },
        known === undefined ? undefined : { question: known, now: clock.now() },
      ),
    );
  }

  return {
    onHeld(held) {
      const before = latest;
      latest = held;
      const unanswered = new Set(
        held.filter(({ state }) => state.kind === 'unanswered').map(({ id }) => id),
      );
      for (const [container, rest] of resting) {
        if (waitingOf(container).length > 0) continue;
        clearTimeout(rest.timer);
        rest.timer = undefined;
        const ended = before.filter(
          (each) => each.container === container && each.state.kind === 'waiting',
        );
        // Somebody was there: the next question is theirs to see at once.
        const isAnswered = ended.length > 0 && !ended.some(({ id }) => unanswered.has(id));
        if (isAnswered || isOver(rest)) resting.delete(container);
      }
      for (const { container } of told.step(held)) {
        const rest = resting.get(container);
        const waitMs = rest === undefined ? 0 : rest.until - clock.monotonic();
        if (rest === undefined || waitMs <= 0) tell(container);
        else rest.timer ??= setTimeout(() => tell(container), waitMs);
      }
    },
    stop() {
      for (const { timer } of resting.values()) clearTimeout(timer);
      resting.clear();
      latest = [];
    },
  };
}

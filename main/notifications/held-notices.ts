import type { HeldRequest } from '../../monitor/model/held.ts';
import type { ContainerId } from '../../monitor/model/workload.ts';
import type { Clock } from '../../monitor/runtime/clock.ts';
import { createHeldTold, heldNotice } from './held-news.ts';
import type { Notice } from './notice.ts';

/** How long a container's next notification waits, milliseconds: longer each time, while nobody answers. */
export const heldPace = { firstMs: 5000, mostMs: 120_000 } as const;

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

/** `show` takes the place of what was shown with the same key before. */
export function createHeldNotices(
  show: (key: string, notice: Notice) => void,
  clock: Pick<Clock, 'monotonic'>,
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
    show(`held ${container}`, heldNotice({ container, requests }));
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
    },
  };
}

import type { Clock } from '../../monitor/runtime/clock.ts';
import type { Moment } from '../../monitor/model/time.ts';
import type { ShellSettings } from './shell-settings.ts';

const hour = 3_600_000;

/** How long is watched before a look back is offered, in milliseconds. */
export const firstDayMs = 24 * hour;

/** The look back that is offered once, a day after Sentra first watched. */
export interface FirstDay {
  /** Something is watched: the day begins, unless it began earlier. */
  begin(): void;
  /** Whether the look back is offered now. */
  isDue(): boolean;
  /** Whether the day is under way: the look back will be offered, and is not yet. */
  isAwaited(): boolean;
  /** The person looked back, or waved it off: it is offered no more. */
  finish(): void;
  /** Waits no longer. */
  stop(): void;
}

/** What the first day needs. */
export interface FirstDayOptions {
  readonly settings: Pick<ShellSettings, 'firstDay' | 'setFirstDay'>;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  /** Told when it is due, or no more. */
  readonly onChange: () => void;
}

/**
 * Keeps the first day. The time is looked at every hour at least: a machine that sleeps does not
 * count it for a timer.
 */
export function openFirstDay({ settings, clock, onChange }: FirstDayOptions): FirstDay {
  const waiting = new AbortController();
  let waits = false;
  const dueAt = (): Moment | undefined => {
    const day = settings.firstDay();
    return day === undefined || day.lookedBack ? undefined : day.since + firstDayMs;
  };
  const isDue = (): boolean => {
    const at = dueAt();
    return at !== undefined && clock.now() >= at;
  };

  async function wait(): Promise<void> {
    for (let at = dueAt(); at !== undefined && !isDue(); at = dueAt()) {
      await clock.sleep(Math.min(hour, at - clock.now()), waiting.signal);
    }
    if (isDue()) onChange();
  }

  return {
    begin() {
      if (waits) return;
      waits = true;
      if (settings.firstDay() === undefined) {
        settings.setFirstDay({ since: clock.now(), lookedBack: false });
      }
      // What rejects is the end.
      wait().catch(() => undefined);
    },
    isDue,
    isAwaited: () => dueAt() !== undefined && !isDue(),
    finish() {
      const day = settings.firstDay();
      if (day === undefined || !isDue()) return;
      settings.setFirstDay({ ...day, lookedBack: true });
      onChange();
    },
    stop: () => waiting.abort(),
  };
}

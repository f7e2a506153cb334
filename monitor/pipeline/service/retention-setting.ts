import { z } from 'zod';
import { retentionOf, type RetentionLimits } from '../../record/retention.ts';
import type { Store } from '../../record/store.ts';
import type { StoreError } from '../../record/store-error.ts';
import type { RetentionView } from '../../rpc/service/service-settings.ts';
import type { Result } from '../../runtime/result.ts';
import type { Losses } from '../losses.ts';

/** How long and how much is kept, as a person set it. */
export interface RetentionSetting {
  view(): RetentionView;
  limits(): RetentionLimits;
  set(retention: RetentionView): Result<void, StoreError>;
  /** Whether it was set since this was last asked: what is over can go at once. */
  takeChange(): boolean;
}

const key = 'retention';

const schema = z.object({ days: z.number().min(1), megabytes: z.number().min(1) });

/** What holds until something else is set: the record's own defaults. */
export const defaultRetentionView: RetentionView = { days: 180, megabytes: 256 };

/** As it was set last. */
export function openRetentionSetting(
  settings: Store['settings'],
  losses: Losses,
): RetentionSetting {
  const stored = settings.get(key, schema);
  losses.check(stored);
  let view: RetentionView = (stored.ok ? stored.value : undefined) ?? defaultRetentionView;
  let isChanged = false;
  return {
    view: () => view,
    limits: () => retentionOf(view.days, view.megabytes * 1_000_000),
    set(retention) {
      const { days, megabytes } = retention;
      const kept = settings.set(key, { days, megabytes });
      if (kept.ok) {
        view = { days, megabytes };
        isChanged = true;
      }
      return kept;
    },
    takeChange() {
      const was = isChanged;
      isChanged = false;
      return was;
    },
  };
}

import type { WorkloadPatterns } from '../model/selector.ts';
import type { Policy } from '../policy/policy.ts';
import type { Store } from '../record/store.ts';
import type { PatternsView, SettingsService, SettingsView } from '../rpc/service-settings.ts';
import { failed, ok } from '../runtime/result.ts';
import type { Losses } from './losses.ts';
import { defaultRetentionView, type RetentionSetting } from './retention-setting.ts';

export interface SettingsParts {
  readonly retention: RetentionSetting;
  readonly store: Pick<Store, 'retention'>;
  readonly recordPath: string;
  readonly policy: () => Policy;
  readonly losses: Losses;
}

/** Answers what is set, and sets it. */
export function createSettingsService(parts: SettingsParts): SettingsService {
  const { retention, store, losses } = parts;

  function settings(): SettingsView {
    const used = store.retention.usedBytes();
    losses.check(used);
    const { watch } = parts.policy();
    return {
      retention: retention.view(),
      defaultRetention: defaultRetentionView,
      record: { path: parts.recordPath, megabytes: (used.ok ? used.value : 0) / 1_000_000 },
      selection: { only: patternsView(watch), exclude: patternsView(watch.exclude) },
    };
  }

  return {
    settings,
    setRetention(wanted) {
      const set = retention.set(wanted);
      if (set.ok) return ok(settings());
      const advice = 'Look at the disk that holds the record, then try again.';
      return failed({ kind: 'not-recorded', message: set.error.message, advice });
    },
  };
}

function patternsView({ names, images, composeProjects, labels }: WorkloadPatterns): PatternsView {
  return {
    names,
    images,
    composeProjects,
    labels: Object.entries(labels).map(([key, pattern]) => ({ key, pattern })),
  };
}

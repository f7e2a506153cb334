import type { WorkloadPatterns } from '../../model/selector.ts';
import { withWatch } from '../../policy/watch-selection.ts';
import type { Store } from '../../record/store.ts';
import type {
  PatternsView,
  SelectionView,
  SettingsRefusal,
  SettingsService,
  SettingsView,
} from '../../rpc/service/service-settings.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { writeWholeFile } from '../../runtime/whole-file.ts';
import type { Losses } from '../losses.ts';
import type { PolicyFile } from '../policy/policy-file.ts';
import { defaultRetentionView, type RetentionSetting } from './retention-setting.ts';

export interface SettingsParts {
  readonly retention: RetentionSetting;
  readonly store: Pick<Store, 'retention'>;
  readonly recordPath: string;
  readonly policy: Pick<PolicyFile, 'path' | 'policy' | 'text' | 'readFile'>;
  /** Has the file read again and what it now says put in force. */
  readonly applyPolicy: () => void;
  readonly tryEngine: SettingsService['tryEngine'];
  readonly losses: Losses;
}

/** Answers what is set, and sets it. */
export function createSettingsService(parts: SettingsParts): SettingsService {
  const { retention, store, losses } = parts;

  function settings(): SettingsView {
    const used = store.retention.usedBytes();
    losses.check(used);
    const { watch } = parts.policy.policy();
    return {
      retention: retention.view(),
      defaultRetention: defaultRetentionView,
      record: { path: parts.recordPath, megabytes: (used.ok ? used.value : 0) / 1_000_000 },
      selection: { only: patternsView(watch), exclude: patternsView(watch.exclude) },
    };
  }

  function setSelection({ only, exclude }: SelectionView): Result<SettingsView, SettingsRefusal> {
    const { policy } = parts;
    const edited = withWatch(policy.readFile() ?? policy.text().text, {
      ...patternsOf(only),
      exclude: patternsOf(exclude),
    });
    if (!edited.ok) {
      const { before, problems } = edited.error;
      const why = problems[0]?.message ?? 'It cannot be written into this policy file.';
      return failed({
        kind: 'bad-selection',
        message: before ? `The policy file has a mistake: ${why}` : why,
        advice: before ? 'Mend it under Policy, then try again.' : 'Change it, then try again.',
      });
    }
    const written = writeWholeFile(policy.path, edited.value);
    if (!written.ok) {
      const advice = 'Look at the file and its folder, then try again.';
      return failed({ kind: 'not-written', message: written.error, advice });
    }
    parts.applyPolicy();
    return ok(settings());
  }

  return {
    settings,
    setSelection,
    tryEngine: parts.tryEngine,
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

function patternsOf({ names, images, composeProjects, labels }: PatternsView): WorkloadPatterns {
  return {
    names,
    images,
    composeProjects,
    labels: Object.fromEntries(labels.map(({ key, pattern }) => [key, pattern])),
  };
}

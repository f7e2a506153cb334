import { defaultLearnMs, type DetectSettings } from '../../detect/settings.ts';
import type { EngineAbout } from '../../engine/port.ts';
import type { MonitorOptions, StartFailure } from '../../rpc/service/service.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Disposer } from '../../runtime/disposer.ts';
import type { Logger } from '../../runtime/logger.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { createLosses, type Losses } from '../losses.ts';
import { noRecording, startRecording, type Recording } from './recording.ts';

/** What the detectors are set to, and what takes down what they are handed. */
export interface RecordedDetection {
  readonly settings: DetectSettings;
  readonly recording: Recording;
  /** Where it is counted that a recording ended early. */
  readonly losses: Losses;
}

/**
 * Begins the recording that was asked for, if one was; the disposer closes it. Fails where the file
 * exists already or cannot be made.
 */
export function openRecording(
  { hostCpus }: Pick<EngineAbout, 'hostCpus'>,
  options: MonitorOptions,
  around: { readonly clock: Clock; readonly logger: Logger; readonly disposer: Disposer },
): Result<RecordedDetection, StartFailure> {
  const { clock, logger, disposer } = around;
  const losses = createLosses(logger);
  const settings: DetectSettings = { learnMs: options.learnMs ?? defaultLearnMs, hostCpus };
  const { recordFile } = options;
  if (recordFile === undefined) return ok({ settings, losses, recording: noRecording });
  const started = startRecording(
    recordFile,
    { startedAt: clock.now(), ...settings },
    {
      monotonic: () => clock.monotonic(),
      onEnd(reason) {
        losses.count('recordings ended early');
        logger.error(`The recording ${recordFile} ends here: ${reason}.`);
      },
    },
  );
  if (!started.ok) {
    const message = `The recording was not begun: ${started.error}`;
    const advice = 'Name a file that does not exist yet, in a folder that can be written to.';
    return failed({ kind: 'failed', message, advice });
  }
  disposer.add(() => started.value.close());
  return ok({ settings, losses, recording: started.value });
}

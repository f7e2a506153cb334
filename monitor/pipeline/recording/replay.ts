import {
  beginContainer,
  createDetection,
  endContainer,
  passTimeForAll,
  stepDetection,
  type Detection,
} from '../../detect/detection.ts';
import type { Finding } from '../../model/finding.ts';
import type { Observation } from '../../model/observation.ts';
import type { RecordingEntry, RecordingHead } from '../../model/recording.ts';
import { unpackProfile } from '../../detect/profile.ts';
import { fromStored } from '../baseline/stored-baseline.ts';
import { readProfile } from '../baseline/stored-profile.ts';

/** The detectors as a recording found them. */
export function replayedDetection({ learnMs, hostCpus }: RecordingHead): Detection {
  return createDetection({ learnMs, hostCpus });
}

/**
 * Hands one entry of a recording to the detectors, as the pipeline did when it was recorded: the same
 * entries in the same order give the same findings.
 */
export function replayEntry(detection: Detection, entry: RecordingEntry): readonly Finding[] {
  switch (entry.kind) {
    case 'begin': {
      const { workload, container, learned, open } = entry;
      const baseline = learned === undefined ? undefined : fromStored(learned);
      const sibling =
        entry.sibling === undefined ? undefined : unpackProfile(readProfile(entry.sibling));
      beginContainer(detection, workload, container, baseline, open, sibling);
      return [];
    }
    case 'observation':
      return replayObservation(detection, entry.observation);
    case 'end':
      return endContainer(detection, entry.workload, entry.container, entry.at).findings;
    case 'lost':
    case 'closed':
      return [];
  }
}

function replayObservation(detection: Detection, observation: Observation): readonly Finding[] {
  return observation.kind === 'host'
    ? passTimeForAll(detection, observation.at)
    : stepDetection(detection, observation).findings;
}

import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { ContainerObservation } from '../../../monitor/model/observation.ts';
import type { RecordingHead } from '../../../monitor/model/recording.ts';
import { readRecording } from '../../../monitor/pipeline/recording/recording.ts';
import { activities, type Activity } from '../../scenarios/work.ts';
import { marksFile } from '../../scenarios/work-time.ts';
import { DataSetError } from '../detect/data-set-error.ts';

/** What a container did from one mark to the next, with all that was seen of it meanwhile. */
export interface Phase {
  readonly activity: Activity;
  readonly from: number;
  readonly to: number;
  /** In the order of time, with the times at which they were taken. */
  readonly observations: readonly ContainerObservation[];
}

/** One container's recorded work, cut where it went over from one activity to the next. */
export interface RecordedWork {
  readonly workload: string;
  readonly container: string;
  readonly phases: readonly Phase[];
}

/** A recording of real work, in memory. */
export interface WorkRecording {
  readonly head: RecordingHead;
  readonly containers: readonly RecordedWork[];
}

const marksSchema = z.array(
  z.object({ container: z.string(), at: z.number(), activity: z.enum(activities) }),
);

/** Reads a recording of the `work` bench with the marks beside it. Throws a DataSetError. */
export async function readWork(path: string): Promise<WorkRecording> {
  const read = await readRecording(path);
  if (!read.ok) throw new DataSetError(`${path}: ${read.error}`);
  const names = new Map<string, string>();
  const seen = new Map<string, ContainerObservation[]>();
  for await (const entry of read.value.entries) {
    if (!entry.ok) throw new DataSetError(`${path}: ${entry.error}`);
    const { value } = entry;
    if (value.kind === 'begin') names.set(value.container, value.workload);
    if (value.kind === 'lost')
      throw new DataSetError(`${path}: ${value.entries} entries are lost.`);
    if (value.kind !== 'observation' || value.observation.kind === 'host') continue;
    const { observation } = value;
    const before = seen.get(observation.container);
    if (before === undefined) seen.set(observation.container, [observation]);
    else before.push(observation);
  }
  const marks = readMarks(marksFile(path));
  const containers = [...names].flatMap(([container, workload]) => {
    const phases = phasesOf(
      marks.filter((mark) => mark.container === container),
      seen.get(container) ?? [],
    );
    // The sink, which the agents talk to, has no marks.
    return phases.length === 0 ? [] : [{ workload, container, phases }];
  });
  if (containers.length === 0) throw new DataSetError(`${path}: no work is in it.`);
  return { head: read.value.head, containers };
}

function readMarks(path: string): z.infer<typeof marksSchema> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new DataSetError(`There is no ${path}: the bench "work" writes it beside its recording.`);
  }
  return marksSchema.parse(JSON.parse(text)).sort((a, b) => a.at - b.at);
}

function phasesOf(
  marks: z.infer<typeof marksSchema>,
  observations: readonly ContainerObservation[],
): readonly Phase[] {
  const phases: Phase[] = [];
  let next = observations.findIndex(({ at }) => at >= (marks[0]?.at ?? Infinity));
  for (const [index, { at: from, activity }] of marks.entries()) {
    // The last activity was not finished.
    const to = marks[index + 1]?.at;
    if (to === undefined || next < 0) break;
    const begin = next;
    while ((observations[next]?.at ?? Infinity) < to) next += 1;
    phases.push({ activity, from, to, observations: observations.slice(begin, next) });
  }
  return phases;
}

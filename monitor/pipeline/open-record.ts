import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { openStore, type Store } from '../record/store.ts';
import { lockFile } from '../rpc/socket/control-folder.ts';
import type { MonitorOptions, StartFailure } from '../rpc/service/service.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Disposer } from '../runtime/disposer.ts';
import { takeLock } from '../runtime/lock.ts';
import type { Logger } from '../runtime/logger.ts';
import { failed, ok, type Result } from '../runtime/result.ts';
import type { FoundEngine } from './find-engine.ts';
import { openRecording, type RecordedDetection } from './recording/open-recording.ts';

/** The record of one engine, where it lies, and what is recorded beside it. */
export interface OpenRecord extends RecordedDetection {
  readonly store: Store;
  readonly path: string;
}

/**
 * Takes the engine's lock and opens its record, so that two monitors never write one record; begins
 * the recording of what the detectors are handed, where one was asked for. What was opened is closed by the disposer, the lock last; when a step fails nothing stays open.
 */
export function openRecord(
  { engine, throwAwayFolder }: FoundEngine,
  options: MonitorOptions,
  clock: Clock,
  logger: Logger,
  disposer: Disposer,
): Result<OpenRecord, StartFailure> {
  const lock = takeLock(lockFile(options.controlFolder, engine.about.id));
  if (!lock.ok) {
    if (lock.error.kind === 'taken') {
      return failed({ kind: 'already-running', engineId: engine.about.id });
    }
    const advice = 'Look at the folder of the lock, and start Sentra again.';
    return failed({ kind: 'failed', message: lock.error.message, advice });
  }
  const path = recordPath(throwAwayFolder ?? options.stateFolder, engine.about.id);
  const opened = openStore(path, { now: () => clock.now(), logger });
  if (!opened.ok) {
    lock.value.release();
    const { kind, message } = opened.error;
    // A monitor that runs goes on without what a full disk does not take; it does not begin so.
    const advice = kind === 'full' ? 'Free some space on the disk.' : opened.error.advice;
    return failed({ kind: 'failed', message, advice: `${advice} ${withoutRecord}` });
  }
  const close = (): void => {
    const closed = opened.value.close();
    if (!closed.ok) logger.error(closed.error.message);
  };
  disposer.add(() => lock.value.release());
  disposer.add(close);
  const recorded = openRecording(engine.about, options, { clock, logger, disposer });
  if (!recorded.ok) {
    close();
    lock.value.release();
    return recorded;
  }
  return ok({ store: opened.value, path, ...recorded.value });
}

const withoutRecord = 'Sentra does not watch without a record.';

/** Where the record of the engine with that id lies in a state folder. */
export function recordPath(stateFolder: string, engineId: string): string {
  const name = createHash('sha256').update(engineId).digest('hex').slice(0, 16);
  return join(stateFolder, 'engines', name, 'record.db');
}

import { existsSync } from 'node:fs';
import type { Engine } from '../../engine/port.ts';
import { openStore } from '../../record/store.ts';
import { createResponder, type Responder } from '../../respond/responder.ts';
import { lockFile } from '../../rpc/socket/control-folder.ts';
import type { Clock } from '../../runtime/clock.ts';
import { createDisposer, type Disposer } from '../../runtime/disposer.ts';
import { takeLock } from '../../runtime/lock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { recordPath } from '../open-record.ts';
import { createRecordOfResponse, restoredFrom } from '../response-record.ts';

/** What a record says is held, and what lets it go. */
export interface Held {
  readonly responder: Responder;
  /** False where the record was damaged, or not all of it could be read: more may be held. */
  readonly isWhole: boolean;
}

interface Folders {
  readonly stateFolder: string;
  readonly controlFolder: string;
}

interface Around {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Why it is not known what is held. */
export type HeldFailure =
  /** A monitor has the lock. */
  { readonly kind: 'monitor-runs' } | { readonly kind: 'unknown'; readonly message: string };

/**
 * What the record of an engine says is held, without a monitor; undefined where there is no record. The
 * lock is held until the disposer has closed it, so that no monitor begins
 * meanwhile. Whoever only looks (`isLook`) leaves a damaged record where it is, and holds the lock no
 * longer than the reading takes, so as not to be in the way of a monitor that begins; the responder then
 * says what is held, and is not to be asked to act.
 */
export async function openHeld(
  engine: Engine,
  folders: Folders,
  around: Around,
  disposer: Disposer,
  isLook: boolean,
): Promise<Result<Held | undefined, HeldFailure>> {
  if (!isLook) return open(engine, folders, around, disposer, isLook);
  const reading = createDisposer();
  try {
    return open(engine, folders, around, reading, isLook);
  } finally {
    await reading.dispose();
  }
}

function open(
  engine: Engine,
  folders: Folders,
  around: Around,
  disposer: Disposer,
  isLook: boolean,
): Result<Held | undefined, HeldFailure> {
  const { clock, logger } = around;
  const path = recordPath(folders.stateFolder, engine.about.id);
  if (existsSync(folders.controlFolder)) {
    const lock = takeLock(lockFile(folders.controlFolder, engine.about.id));
    if (!lock.ok) {
      const { error } = lock;
      return failed(
        error.kind === 'taken'
          ? { kind: 'monitor-runs' }
          : { kind: 'unknown', message: error.message },
      );
    }
    disposer.add(() => lock.value.release());
  }
  if (!existsSync(path)) return ok(undefined);
  const opened = openStore(path, {
    ...{ now: () => clock.now(), logger },
    leavesDamaged: isLook,
  });
  if (!opened.ok) {
    const message = `What is held is not known. ${opened.error.message}`;
    return failed({ kind: 'unknown', message });
  }
  const store = opened.value;
  disposer.add(() => void store.close());
  const isRead = store.containments.all().ok && store.lost().refusedRows === 0;
  const responder = createResponder({
    engine,
    record: createRecordOfResponse(store, () => undefined),
    clock,
    logger,
    restored: restoredFrom(store, logger),
  });
  const { kind } = store.origin;
  return ok({ responder, isWhole: isRead && kind !== 'damaged' && kind !== 'new' });
}

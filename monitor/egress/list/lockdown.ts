import type { EgressLockdown } from '../../model/egress.ts';
import type { Moment } from '../../model/time.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import type { BookFile } from './book-file.ts';

/** Cuts everything off at once, and gives back what the lists say. */
export interface LockdownSwitch {
  state(): EgressLockdown | undefined;
  /** Why the one that holds may not last, a sentence; undefined where nothing is wrong. */
  warning(): string | undefined;
  /**
   * Resolves when the walls of all containers were looked at with it. One that cannot be written down
   * holds all the same, and the badges say so; to lift one that was written fails then with a sentence,
   * and so does all where no list is known: then nothing changed. What holds already stays as it was
   * begun.
   */
  set(isOn: boolean, by: string): Promise<Result<void, string>>;
}

/** `follow` has the walls of all containers put up as the book now says. */
export function createLockdown(
  file: BookFile,
  now: () => Moment,
  follow: () => Promise<void>,
): LockdownSwitch {
  return {
    state: () => file.book().lockdown,
    warning: () => (file.book().lockdown === undefined ? undefined : file.problem()),
    async set(isOn, by) {
      file.refresh();
      if (!file.isKnown()) return failed(file.problem() ?? 'The egress lists are not known.');
      const book = file.book();
      // To write it again could fail, and what is in the file would then be told as if it were not.
      if (isOn && book.lockdown !== undefined) {
        await follow();
        return ok(undefined);
      }
      const lockdown = isOn ? { since: now(), by } : undefined;
      const written = file.replace({ ...book, lockdown });
      // To be closed now is worth more than to be closed after the next start as well.
      const isInForce = written.ok || file.force(lockdown) || isOn;
      if (!isInForce) return written;
      await follow();
      return ok(undefined);
    },
  };
}

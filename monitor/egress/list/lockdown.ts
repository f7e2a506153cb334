import type { EgressLockdown } from '../../model/egress.ts';
import type { Moment } from '../../model/time.ts';
import { failed, type Result } from '../../runtime/result.ts';
import type { BookFile } from './book-file.ts';

/** Cuts everything off at once, and gives back what the lists say. */
export interface LockdownSwitch {
  state(): EgressLockdown | undefined;
  /**
   * Resolves when the walls of all containers were looked at with it; fails with a sentence when it
   * could not be written down, and then nothing changed. What holds already stays as it was begun.
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
    async set(isOn, by) {
      file.refresh();
      if (!file.isKnown()) return failed(file.problem() ?? 'The egress lists are not known.');
      const book = file.book();
      const lockdown = isOn ? (book.lockdown ?? { since: now(), by }) : undefined;
      const written = file.replace({ ...book, lockdown });
      if (written.ok) await follow();
      return written;
    },
  };
}

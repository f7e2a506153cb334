import { readFileSync, statSync } from 'node:fs';
import type { EgressLockdown } from '../../model/egress.ts';
import { messageOf, type Logger } from '../../runtime/logger.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { writeWholeFile } from '../../runtime/whole-file.ts';
import { readBook, writeBook } from './book-text.ts';
import { emptyBook, type RuleBook } from './rule-book.ts';
import { setAside } from './set-aside.ts';

/** What is larger is no book, and neither read nor written. */
const mostBytes = 16 * 1024 * 1024;

/** The rule book as it is in force, and the file that keeps it. */
export interface BookFile {
  book(): RuleBook;
  /**
   * What is wrong with the file as it is now, a sentence; undefined when it is in force. While it
   * stands at the first reading, nothing is known of what is wanted and no wall may be touched.
   */
  problem(): string | undefined;
  /** Whether a good book was read or written since the start. */
  isKnown(): boolean;
  /** Reads the file again when it has changed; true when another book is in force now. */
  refresh(): boolean;
  /**
   * Puts another book in force and writes it; the failure is a sentence, and the old one stays. It
   * fails where it would be larger than what is read, and where somebody else wrote the file since it
   * was read, whose work `book` cannot be made of. A file that could not be read is first set aside,
   * since somebody may have work in it; where it cannot be, it stays. The value says where it is then,
   * in a sentence.
   */
  replace(book: RuleBook): Result<string | undefined, string>;
  /**
   * Puts a lock down in force that could not be written, since a disk may be full because of the very
   * container that is to be locked in. It is written as soon as that can be done; undefined takes it
   * back. Whether there was one to take back.
   */
  force(lockdown: EgressLockdown | undefined): boolean;
}

/** Reads the book at `path`; a file that is not there is an empty book. */
export function openBookFile(path: string, logger: Logger): BookFile {
  let book = emptyBook;
  let problem: string | undefined;
  let known = false;
  let readAs: string | undefined;
  /** The book with a lock down that is not in the file. */
  let forced: { readonly of: RuleBook; readonly is: RuleBook } | undefined;

  /** Changes whenever the file does; of one that cannot be looked at it says why. */
  function stamp(): string {
    try {
      const status = statSync(path, { throwIfNoEntry: false });
      return status === undefined ? 'none' : `${status.mtimeMs} ${status.size} ${status.ino}`;
    } catch (error) {
      return messageOf(error);
    }
  }

  function read(): Result<RuleBook, string> {
    try {
      const status = statSync(path, { throwIfNoEntry: false });
      if (status === undefined) return ok(emptyBook);
      if (!status.isFile() || status.size > mostBytes) {
        return failed('it is not a plain file of at most 16 MB.');
      }
      return readBook(readFileSync(path, 'utf8'));
    } catch (error) {
      return failed(messageOf(error));
    }
  }

  function bookNow(): RuleBook {
    if (forced === undefined) return book;
    if (forced.of !== book) forced = { of: book, is: { ...book, lockdown: forced.is.lockdown } };
    return forced.is;
  }

  function refresh(): boolean {
    const isOther = readAnew();
    if (forced !== undefined && known) replace(bookNow());
    return isOther;
  }

  function readAnew(): boolean {
    const now = stamp();
    if (now === readAs) return false;
    // A list that vanished is not a wish to open everything.
    const result = now === 'none' && known ? failed('it is gone.') : read();
    readAs = now;
    if (!result.ok) {
      problem = `The egress lists in ${path} are not read: ${result.error}`;
      logger.error(`${problem} ${known ? 'The lists that were good stay in force.' : ''}`);
      return false;
    }
    [book, problem, known] = [result.value, undefined, true];
    return true;
  }

  function replace(next: RuleBook): Result<string | undefined, string> {
    if (!known) return failed(`${problem ?? ''} Mend the file first.`);
    const present = stamp();
    if (present !== readAs) {
      return failed('The egress lists were changed by something else at this moment. Try again.');
    }
    const isUnread = problem !== undefined && present !== 'none';
    const aside = isUnread ? setAside(path) : ok(undefined);
    if (!aside.ok) return aside;
    const told =
      aside.value && `What stood in ${path} could not be read, and is kept in ${aside.value}.`;
    if (told !== undefined) logger.warn(told);
    const text = writeBook(next);
    // It would be in force, and all of it lost with the next start.
    if (Buffer.byteLength(text) > mostBytes) {
      return failed('All egress lists together would take more than 16 MB, which is not kept.');
    }
    const written = writeWholeFile(path, text);
    if (!written.ok) return failed(`The egress lists: ${written.error}`);
    [book, problem, readAs, forced] = [next, undefined, stamp(), undefined];
    return ok(told);
  }

  refresh();
  return {
    book: bookNow,
    problem: () =>
      forced === undefined
        ? problem
        : 'The lock down holds, but could not be written down: it would not outlast Sentra.',
    isKnown: () => known,
    refresh,
    replace,
    force(lockdown) {
      const wasForced = forced !== undefined;
      forced = lockdown === undefined ? undefined : { of: book, is: { ...book, lockdown } };
      return wasForced;
    },
  };
}

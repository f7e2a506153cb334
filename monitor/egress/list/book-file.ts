import { copyFileSync, readFileSync, statSync } from 'node:fs';
import { messageOf, type Logger } from '../../runtime/logger.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { writeWholeFile } from '../../runtime/whole-file.ts';
import { readBook, writeBook } from './book-text.ts';
import { emptyBook, type RuleBook } from './rule-book.ts';

/** What is larger is no book, and not read at all. */
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
   * fails where somebody else wrote the file since it was read, whose work `book` cannot be made of. A
   * file that could not be read is set aside as `.not-read`, since somebody may have work in it.
   */
  replace(book: RuleBook): Result<void, string>;
}

/** Reads the book at `path`; a file that is not there is an empty book. */
export function openBookFile(path: string, logger: Logger): BookFile {
  let book = emptyBook;
  let problem: string | undefined;
  let known = false;
  let readAs: string | undefined;

  /** Changes whenever the file does. */
  function stamp(): string {
    const status = statSync(path, { throwIfNoEntry: false });
    return status === undefined ? 'none' : `${status.mtimeMs} ${status.size} ${status.ino}`;
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

  function refresh(): boolean {
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

  function setAside(): void {
    try {
      copyFileSync(path, `${path}.not-read`);
      logger.warn(`What stood in ${path} is kept in ${path}.not-read.`);
    } catch (error) {
      logger.warn(`What stood in ${path} could not be set aside: ${messageOf(error)}`);
    }
  }

  refresh();
  return {
    book: () => book,
    problem: () => problem,
    isKnown: () => known,
    refresh,
    replace(next) {
      if (!known) return failed(`${problem ?? ''} Mend the file first.`);
      const present = stamp();
      if (present !== readAs) {
        return failed('The egress lists were changed by something else at this moment. Try again.');
      }
      if (problem !== undefined && present !== 'none') setAside();
      const written = writeWholeFile(path, writeBook(next));
      if (!written.ok) return failed(`The egress lists: ${written.error}`);
      [book, problem, readAs] = [next, undefined, stamp()];
      return ok(undefined);
    },
  };
}

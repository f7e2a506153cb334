import { createReadStream } from 'node:fs';
import { constants, createGunzip } from 'node:zlib';
import { messageOf } from '../runtime/logger.ts';
import { failed, ok, type Result } from '../runtime/result.ts';

/** Longer lines are no lines of ours. */
const longestLine = 32_000_000;

/**
 * The lines of a file that a `LineWriter` wrote, one by one, holding little more than one of them. A
 * file whose end is missing gives its whole lines; what is damaged gives a failure as the last
 * element. A file that cannot be read gives a failure alone.
 */
export async function* readLines(path: string): AsyncGenerator<Result<string, string>, void> {
  const file = createReadStream(path);
  // A missing end is no error: recordings end with the process that writes them.
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  file.on('error', (error) => gunzip.destroy(error));
  file.pipe(gunzip);
  gunzip.setEncoding('utf8');
  let rest = '';
  try {
    for await (const chunk of gunzip) {
      rest += String(chunk);
      let from = 0;
      for (let to = rest.indexOf('\n'); to >= 0; to = rest.indexOf('\n', from)) {
        yield ok(rest.slice(from, to));
        from = to + 1;
      }
      rest = rest.slice(from);
      if (rest.length > longestLine) {
        yield failed('a line is too long');
        return;
      }
    }
  } catch (error) {
    yield failed(messageOf(error));
  } finally {
    file.destroy();
    gunzip.destroy();
  }
}

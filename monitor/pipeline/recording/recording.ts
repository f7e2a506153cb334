import type { RecordingEntry, RecordingHead } from '../../model/recording.ts';
import { readLines } from '../../record/line-reader.ts';
import { openLineWriter } from '../../record/line-writer.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { createLineDecoder, createLineEncoder, headLine, parseHead } from './recording-line.ts';

/** Takes down what the detectors are handed. */
export interface Recording {
  add(entry: RecordingEntry): void;
  close(): Promise<void>;
}

/** Where nothing is recorded. */
export const noRecording: Recording = { add: () => undefined, close: () => Promise.resolve() };

/** Begins a recording in a file that must not exist yet; a sentence says why not. */
export function startRecording(
  path: string,
  head: RecordingHead,
  options: { readonly monotonic: () => number; readonly onEnd: (reason: string) => void },
): Result<Recording, string> {
  const opened = openLineWriter(path, options);
  if (!opened.ok) return opened;
  const writer = opened.value;
  const encode = createLineEncoder();
  let lost = 0;
  writer.write(headLine(head));

  function add(entry: RecordingEntry): void {
    // Encoded even when it is not taken, so that the numbers of containers stay right.
    const line = encode(entry);
    if (lost > 0 && writer.write(encode({ kind: 'lost', entries: lost }))) lost = 0;
    if (!writer.write(line)) lost += 1;
  }

  return ok({
    add,
    async close() {
      add({ kind: 'closed' });
      await writer.close();
    },
  });
}

/** A recording to be read, once. */
export interface OpenRecording {
  readonly head: RecordingHead;
  /**
   * The entries in their order. Without `closed` as the last one the recording was cut off; what is
   * damaged ends with a failure that says how.
   */
  readonly entries: AsyncGenerator<Result<RecordingEntry, string>, void>;
}

/** Opens a recording; a sentence says why it cannot be read. */
export async function readRecording(path: string): Promise<Result<OpenRecording, string>> {
  const lines = readLines(path);
  const first = await lines.next();
  if (first.done === true) return failed('It is empty.');
  if (!first.value.ok) return first.value;
  const head = parseHead(first.value.value);
  if (!head.ok) {
    await lines.return();
    return head;
  }
  return ok({ head: head.value, entries: entriesOf(lines) });
}

async function* entriesOf(
  lines: AsyncGenerator<Result<string, string>, void>,
): AsyncGenerator<Result<RecordingEntry, string>, void> {
  const decode = createLineDecoder();
  for await (const line of lines) {
    const entry = line.ok ? decode(line.value) : line;
    yield entry;
    if (!entry.ok) return;
  }
}

import type { Sight } from '../../model/coverage.ts';
import type { ReceiverState } from './receiver-process.ts';

/** What speaks for or against the calls seen of one container; times are monotonic milliseconds. */
export interface GvisorEvidence {
  /** How far the trace session has come. */
  session:
    | { readonly name: 'asked'; readonly at: number }
    | { readonly name: 'telling' }
    | { readonly name: 'failed'; readonly reason: string };
  /** Since when it is traced: earlier calls were not seen. */
  windowAt: number | undefined;
  /** When messages were lost last, and how many in the latest minute or so. */
  lostAt: number | undefined;
  /** Calls that are made too often to be counted, by name. */
  leftOut: readonly string[];
}

/** How long nothing may arrive before the sensor counts as blind, and a loss is news; milliseconds. */
const silenceMs = 5000;
const newsOfLossMs = 60_000;

/** What gVisor does not tell, and the kernel would. */
const never =
  'gVisor does not tell of a connection that was let in and became a shell’s input, of a program that ' +
  'was moved to where it ran, or of a file that is opened by a link.';

/** What the counts of a container under gVisor are worth. */
export function gvisorSight(receiver: ReceiverState, evidence: GvisorEvidence, now: number): Sight {
  if (receiver.name === 'failed') return { state: 'blind', reason: receiver.reason };
  const { session, windowAt, lostAt, leftOut } = evidence;
  switch (session.name) {
    case 'failed':
      return { state: 'blind', reason: `gVisor tells nothing: ${session.reason}` };
    case 'asked':
      if (now - session.at < silenceMs) return { state: 'starting' };
      return { state: 'blind', reason: 'gVisor has not begun to tell of its calls.' };
    case 'telling':
      break;
  }
  if (windowAt === undefined) return { state: 'starting' };
  if (now - windowAt >= silenceMs) {
    return {
      state: 'blind',
      reason: `gVisor's receiver has told nothing for ${silenceMs / 1000} s.`,
    };
  }
  if (leftOut.length > 0) {
    return {
      state: 'partly',
      reason:
        `It makes so many calls that some are not counted for now: ${leftOut.join(', ')}. ` + never,
    };
  }
  if (lostAt !== undefined && now - lostAt < newsOfLossMs) {
    return {
      state: 'partly',
      reason: `gVisor told more than could be taken: some was lost. ${never}`,
    };
  }
  return { state: 'partly', reason: never };
}

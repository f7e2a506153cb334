import type { ActionOutcome } from '../model/action.ts';
import { plainText } from '../runtime/plain-text.ts';
import { kill } from './kill.ts';
import type { ResponseContext } from './response-context.ts';
import type { Subject } from './subject.ts';

/** Process ids that are told by name, at most. */
const mostNamed = 10;

/**
 * Kills the container, and those of its processes that a kill of the container does not reach: where
 * it shares process ids with the machine or with another container, what left its cgroup outlives
 * its main process. They are stopped before it, while it is plain whose they are, and ended after it.
 * What lives on is told.
 */
export async function killWhole(
  context: ResponseContext,
  subject: Subject,
  remarks: string[],
): Promise<ActionOutcome> {
  const { container } = subject;
  const sharers = context.outsiders.pidSharers(container).map((name) => plainText(name, 60));
  const hunt = context.outsiders.hunt(container);
  if (hunt === undefined) {
    const outcome = await kill(context, subject, remarks, 'cgroup');
    if (sharers.length === 0 || !isKilled(outcome)) return outcome;
    const [verb, whose] = sharers.length > 1 ? ['live', 'their'] : ['lives', 'its'];
    const sentence = `${sharers.join(', ')} ${verb} in its process ids: the kernel ended ${whose} processes there too.`;
    return withSentence(outcome, sentence);
  }
  let isOver = false;
  try {
    await hunt.stop();
    const outcome = await kill(context, subject, remarks, 'whole');
    // Refused, it has ended by itself: what is outside would live on all the same.
    if (outcome.state === 'failed') return outcome;
    const { ended, left } = await hunt.end();
    isOver = true;
    return withLeft(withSentence(outcome, sentenceOf(ended, sharers)), left);
  } finally {
    // Whatever went wrong, nobody stays stopped.
    if (!isOver) await hunt.letGo();
    hunt.close();
  }
}

function isKilled({ state }: ActionOutcome): boolean {
  return state === 'proved' || state === 'partly';
}

function sentenceOf(ended: number, sharers: readonly string[]): string {
  const outside =
    ended === 0
      ? ''
      : `${ended} of its processes outside its cgroup ${ended === 1 ? 'was' : 'were'} killed one by one.`;
  const others =
    sharers.length === 0
      ? ''
      : `It shared process ids with ${sharers.join(', ')}, whose processes go on.`;
  return `${outside} ${others}`.trim();
}

function withSentence(outcome: ActionOutcome, sentence: string): ActionOutcome {
  if (sentence === '') return outcome;
  if ('proof' in outcome) return { ...outcome, proof: `${outcome.proof} ${sentence}` };
  return 'reason' in outcome ? { ...outcome, reason: `${outcome.reason} ${sentence}` } : outcome;
}

function withLeft(outcome: ActionOutcome, left: readonly string[]): ActionOutcome {
  if (left.length === 0) return outcome;
  const named = left.slice(0, mostNamed).join(' ');
  const more = left.length > mostNamed ? ' and others' : '';
  const [who, them] =
    left.length === 1
      ? ['1 process outside its cgroup that sees its files lives on: it is', 'it']
      : [
          `${left.length} processes outside its cgroup that see its files live on: they are`,
          'them',
        ];
  const hole = `${who} not surely its own, or did not end. Look at ${them} with ps -fp "${named}"${more}, and end ${them} with kill -9.`;
  if (outcome.state === 'proved') return { ...outcome, state: 'partly', holes: [hole] };
  if (outcome.state === 'partly') return { ...outcome, holes: [...outcome.holes, hole] };
  return withSentence(outcome, hole);
}

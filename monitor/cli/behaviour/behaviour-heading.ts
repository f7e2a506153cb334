import type { CallsView, StartsView } from '../../rpc/service/service-behaviour.ts';
import { countOf } from '../terminal/figures.ts';
import { oneLine } from '../terminal/width.ts';

/** Whose it is, and how far it can be relied upon. */
export function behaviourHeading({ name, coverage }: CallsView | StartsView): readonly string[] {
  const sight = coverage?.sight;
  if (sight === undefined) {
    return [
      `${oneLine(name)}: nothing sees its system calls: this machine's kernel does not run it, or Sentra reads through the engine's API alone.`,
    ];
  }
  const reason = 'reason' in sight ? `: ${oneLine(sight.reason, 300)}` : '';
  const lost = coverage?.dropped ?? 0;
  const dropped = lost > 0 ? `, ${countOf(lost, 'event')} not kept` : '';
  return [`${oneLine(name)}: ${sight.state}${reason}${dropped}`];
}

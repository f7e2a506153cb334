import type { EgressSpan } from '../../model/egress.ts';
import type { EgressTask } from './egress-task.ts';

/** Options that go into the rule of an answer. */
export interface HeldOptions {
  readonly lifetime: EgressSpan | undefined;
  readonly local: boolean;
  readonly note?: string | undefined;
}

/** The task after `egress held`, or a sentence that says what is not understood. */
export function heldTask(
  [id, verb, line, ...more]: readonly string[],
  { lifetime, local, note }: HeldOptions,
): EgressTask | string {
  const hasOptions = lifetime !== undefined || local || note !== undefined;
  if (id === undefined) {
    return hasOptions ? '--for, --local and --note belong to an answer.' : { kind: 'held' };
  }
  if (!/^[0-9a-f]{1,16}(-[0-9a-f]{4})?$/.test(id)) {
    return 'The ID of what is held is digits and the letters a to f, as egress held shows it.';
  }
  switch (verb) {
    case 'allow':
    case 'deny': {
      const number = line === undefined ? 1 : Number(line);
      const isNumber = line === undefined || (/^\d{1,3}$/.test(line) && number > 0);
      if (!isNumber || more.length > 0) {
        return `egress held ID ${verb} takes one number of an offered rule, from 1 on.`;
      }
      if (local && verb === 'deny') return '--local belongs to allow.';
      const wish = {
        ...(lifetime === undefined ? {} : { lifetime }),
        ...(local ? { local } : {}),
        ...(note === undefined ? {} : { note }),
      };
      return { kind: 'held-rule', id, verdict: verb, number, wish };
    }
    case 'refuse':
    case 'defer':
      if (line !== undefined) return `egress held ID ${verb} takes nothing more.`;
      return hasOptions
        ? `--for, --local and --note belong to a rule; ${verb} makes none.`
        : { kind: 'held-answer', id, answer: verb };
    default:
      return 'What is held is answered with allow, deny, refuse or defer.';
  }
}

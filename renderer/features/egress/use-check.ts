import { useEffect, useState } from 'react';
import { portProblem, writtenRule, type Draft } from '../../state/egress-draft.ts';
import type { ContainerId, EgressCheck } from '../../state/model.ts';
import { useStore } from '../../state/use-store.ts';

/** What the monitor says of a draft. */
export interface Checking {
  /** The answer is about an earlier draft. */
  readonly pending: boolean;
  /** By the rule's id; the list as a whole is under -1. */
  readonly problems: ReadonlyMap<number, string>;
  /** What is to be known of rules that are right, by the rule's id. */
  readonly remarks: ReadonlyMap<number, string>;
  readonly preview: EgressCheck['preview'];
  readonly failure: string | undefined;
}

const nothing: Checking = {
  pending: true,
  problems: new Map(),
  remarks: new Map(),
  preview: undefined,
  failure: undefined,
};

/** What concerns no rule alone. */
export const wholeList = -1;

/** Typing comes to rest for so long before the monitor is asked, milliseconds. */
const restMs = 250;

/** Checks a draft while it is written, and tries it on the past day. */
export function useCheck(container: ContainerId, draft: Draft): Checking {
  const store = useStore();
  const [answer, setAnswer] = useState<{ readonly of: Draft; readonly is: Checking }>();
  useEffect(() => {
    let left = false;
    const timer = setTimeout(() => {
      const { rules, profiles } = draft;
      const ports = new Map<number, string>();
      for (const rule of rules) {
        const problem = portProblem(rule);
        if (problem !== undefined) ports.set(rule.id, problem);
      }
      const sent = rules.map((rule) => {
        const written = writtenRule(rule);
        // An empty target is for the monitor to refuse, which takes no empty text.
        return written.target === '' ? { ...written, target: ' ' } : written;
      });
      void store
        .call('egressCheck', { target: container, profiles: [...profiles], rules: sent })
        .then((reply) => {
          if (left) return;
          if (!reply.ok) {
            const is = { ...nothing, pending: false, failure: reply.error.message };
            setAnswer({ of: draft, is });
            return;
          }
          const problems = new Map(ports);
          for (const { index, message } of reply.value.problems) {
            const rule = index === undefined ? undefined : rules[index];
            const words = rule?.target.trim() === '' ? 'A name, an address or a range.' : message;
            problems.set(rule?.id ?? wholeList, words);
          }
          const remarks = new Map(
            reply.value.remarks.flatMap(({ index, message }) => {
              const rule = rules[index];
              return rule === undefined ? [] : [[rule.id, message] as const];
            }),
          );
          const preview = problems.size === 0 ? reply.value.preview : undefined;
          const is = { pending: false, problems, remarks, preview, failure: undefined };
          setAnswer({ of: draft, is });
        });
    }, restMs);
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [store, container, draft]);
  if (answer === undefined) return nothing;
  return answer.of === draft ? answer.is : { ...answer.is, pending: true };
}

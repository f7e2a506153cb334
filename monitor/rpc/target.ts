import type { ContainerId, Workload } from '../model/workload.ts';
import { failed, ok } from '../runtime/result.ts';
import type { Result } from '../runtime/result.ts';
import type { ActRefusal } from './service/service.ts';

/** What a target is compared with. */
export type TargetWorkload = Pick<
  Workload,
  'container' | 'name' | 'composeProject' | 'composeService'
>;

/** How many candidates an error names. */
const candidateLimit = 10;

const idPrefix = /^[0-9a-f]{4,64}$/;

/**
 * Finds the one watched container that `target` means: a container id or the first 4 or more digits
 * of one, a name, a compose service, or `project/service`. The whole id always means that container.
 * Anything else that fits two containers is refused, even where one fits by its name and the other
 * by its id: a container must not draw an action upon itself, or away, by the name it bears.
 */
export function resolveTarget<Candidate extends TargetWorkload>(
  workloads: readonly Candidate[],
  target: string,
): Result<Candidate, ActRefusal> {
  const text = target.trim();
  const whole = workloads.find(({ container }) => container === text.toLowerCase());
  if (whole !== undefined) return ok(whole);
  const fitting = workloads.filter((workload) => fits(workload, text));
  const [first, second] = fitting;
  if (first !== undefined && second === undefined) return ok(first);
  if (first !== undefined) {
    return failed({
      kind: 'ambiguous-target',
      message: `"${text}" fits ${fitting.length} watched containers.`,
      advice: 'Name the one you mean by its container id.',
      candidates: fitting.slice(0, candidateLimit).map(candidateOf),
    });
  }
  const similar = workloads.filter(({ name }) => name.includes(text) || text.includes(name));
  return failed({
    kind: 'unknown-target',
    message: `No watched container fits "${text}".`,
    advice:
      workloads.length === 0
        ? 'Sentra watches no container now.'
        : 'Give a name, a compose service, or at least 4 digits of a container id.',
    candidates: (similar.length > 0 ? similar : workloads)
      .slice(0, candidateLimit)
      .map(candidateOf),
  });
}

function fits(workload: TargetWorkload, text: string): boolean {
  const service = workload.composeService;
  return (
    workload.name === text ||
    service === text ||
    (service !== undefined && `${workload.composeProject ?? ''}/${service}` === text) ||
    (idPrefix.test(text.toLowerCase()) && workload.container.startsWith(text.toLowerCase()))
  );
}

function candidateOf(workload: TargetWorkload): { container: ContainerId; name: string } {
  return { container: workload.container, name: workload.name };
}

import type { Workload } from '../../model/workload.ts';
import type { BehaviourService } from '../../rpc/service/service-behaviour.ts';
import type { ActRefusal } from '../../rpc/service/service.ts';
import { resolveTarget } from '../../rpc/target.ts';
import { ok, type Result } from '../../runtime/result.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { BehaviourBook } from './behaviour-book.ts';
import type { Pipeline } from '../pipeline.ts';

/** What watched containers do, as the tray and the command line ask for it. */
export function createBehaviourService(
  book: BehaviourBook,
  pipeline: Pick<Pipeline, 'views'>,
  clock: Clock,
): BehaviourService {
  function find(target: string): Result<Workload, ActRefusal> {
    return resolveTarget(
      pipeline.views().map(({ workload }) => workload),
      target,
    );
  }

  function heading({ container, name }: Workload) {
    const view = pipeline.views().find(({ workload }) => workload.container === container);
    const coverage = view?.coverage.find(({ sensor }) => sensor === 'syscalls');
    return { at: clock.now(), container, name, coverage };
  }

  return {
    calls({ target }) {
      const found = find(target);
      if (!found.ok) return found;
      return ok({ ...heading(found.value), ...book.calls(found.value.container) });
    },
    starts({ target }) {
      const found = find(target);
      if (!found.ok) return found;
      return ok({ ...heading(found.value), ...book.starts(found.value.container) });
    },
  };
}

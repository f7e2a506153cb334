import type { Workload } from '../../model/workload.ts';
import { ok, type Result } from '../../runtime/result.ts';
import type { BookFile } from '../list/book-file.ts';
import type { EgressRule } from '../list/rule.ts';
import { rulesOf } from '../list/rule-book.ts';
import { hostNameServers } from './upstream.ts';
import { observingPlan, planWall, type WallPlan } from './wall-plan.ts';

/** The wall that is wanted around a workload now; made anew only when something in it changed. */
export type WantedPlan = (
  mode: 'observe' | 'ask' | 'enforce',
  workload: Workload,
) => Result<WallPlan, string>;

/**
 * Plans by the lists in the file and by the machine's own name servers. `ttlSeconds` is the greatest time
 * to live that resolvers tell; as it is shipped unless told.
 */
export function createWantedPlan(
  file: Pick<BookFile, 'book'>,
  ttlSeconds: number | undefined,
): WantedPlan {
  let made:
    { rules: readonly EgressRule[]; rest: string; plan: Result<WallPlan, string> } | undefined;

  return (mode, workload) => {
    if (mode === 'observe') return ok(observingPlan);
    const book = file.book();
    const upstream = book.nameServers.length > 0 ? book.nameServers : hostNameServers();
    const networks = workload.network.kind === 'own' ? workload.network.networks : [];
    // On the default bridge Docker has no resolver of its own.
    const named = networks.filter((name) => name !== 'bridge').toSorted();
    const list = rulesOf(book, workload.key);
    const rest = JSON.stringify([mode, upstream, named]);
    if (made?.rules !== list.rules || made.rest !== rest) {
      made = { rules: list.rules, rest, plan: planWall(mode, list, upstream, named, ttlSeconds) };
    }
    return made.plan;
  };
}

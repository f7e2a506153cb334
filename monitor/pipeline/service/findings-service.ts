import type { Finding } from '../../model/finding.ts';
import type { Store } from '../../record/store.ts';
import type { FindingQuery } from '../../rpc/service/service.ts';
import type { Losses } from '../losses.ts';

/** Where findings are known from. */
export interface FindingParts {
  readonly store: Pick<Store, 'findings'>;
  /** What the detectors hold open now, of every container that is watched. */
  readonly open: () => readonly Finding[];
  readonly losses: Losses;
}

/**
 * Answers from the record, and from the detectors: what they hold open is told as they have it, also
 * where a full disk kept it out of the record, or the record cannot be read. Newest first.
 */
export function createFindings({
  store,
  open,
  losses,
}: FindingParts): (query: FindingQuery) => readonly Finding[] {
  return ({ status, workload, limit }) => {
    const listed = store.findings.list({
      limit,
      ...(status === undefined ? {} : { status }),
      ...(workload === undefined ? {} : { workload }),
    });
    losses.check(listed);
    const recorded = listed.ok ? listed.value.map(({ finding }) => finding) : [];
    const held = open();
    const ids = new Set(held.map(({ id }) => id));
    const asked = held.filter(
      (finding) => status !== 'closed' && (workload === undefined || finding.workload === workload),
    );
    return [...asked, ...recorded.filter(({ id }) => !ids.has(id))]
      .toSorted((one, other) => other.at - one.at)
      .slice(0, limit);
  };
}

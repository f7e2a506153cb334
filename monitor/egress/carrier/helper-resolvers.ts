import type { Helper } from '../../helper/helper-keeper.ts';
import type { ContainerId } from '../../model/workload.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import type { ProcessFacts } from '../resolver/resolver-state.ts';

/** The resolvers on the engine's host, as the helper saw them last. */
export interface ResolverLook {
  /** Looks, unless that was done a moment ago: many containers are looked at together. */
  look(): Promise<Result<void, string>>;
  /** Looks in any case. */
  lookNow(): Promise<Result<void, string>>;
  /** The processes in the cgroup of the container's resolver. */
  pidsOf(container: ContainerId): readonly number[];
  /** What is known of such a process; undefined when it has ended. */
  factsOf(pid: number): ProcessFacts | undefined;
}

interface Seen {
  readonly pids: ReadonlyMap<ContainerId, readonly number[]>;
  readonly facts: ReadonlyMap<number, ProcessFacts>;
}

/** A look serves all who ask within so many milliseconds after it began. */
const sharedMs = 300;

/** Has seen nothing yet. */
export function createResolverLook(helper: Pick<Helper, 'client'>): ResolverLook {
  let seen: Seen = { pids: new Map(), facts: new Map() };
  let [asked, answered] = [0, 0];
  let last: { readonly at: number; readonly looking: Promise<Result<void, string>> } | undefined;

  async function ask(): Promise<Result<void, string>> {
    const turn = (asked += 1);
    const said = await helper.client.ask({ verb: 'resolvers' });
    if (!said.ok) return said;
    const read = readResolvers(said.value.toString('latin1'));
    if (read === undefined) return failed('The helper’s look at resolvers is not understood.');
    // Overtaken by a later look, it tells of resolvers that may have been replaced since.
    if (turn < answered) return ok(undefined);
    [seen, answered] = [read, turn];
    return ok(undefined);
  }

  function lookNow(): Promise<Result<void, string>> {
    const looking = ask();
    last = { at: performance.now(), looking };
    return looking;
  }

  return {
    lookNow,
    look() {
      const isShared = last !== undefined && performance.now() - last.at < sharedMs;
      return isShared && last !== undefined ? last.looking : lookNow();
    },
    pidsOf: (container) => seen.pids.get(container) ?? [],
    factsOf: (pid) => seen.facts.get(pid),
  };
}

/** Understands the helper's answer to `resolvers`: helper/source/verbs.c writes it. */
export function readResolvers(text: string): Seen | undefined {
  const pids = new Map<ContainerId, number[]>();
  const facts = new Map<number, ProcessFacts>();
  let current: number[] | undefined;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const resolver = /^resolver ([0-9a-f]{64}) \d{1,20}$/.exec(line);
    const one = /^process (\d{1,10}) (\S) (\d{1,10}) (\d{1,20})$/.exec(line);
    if (resolver !== null) {
      current = [];
      pids.set(resolver[1] ?? '', current);
    } else if (one !== null && current !== undefined) {
      const [, pid, state = '', parent, startedAt = ''] = one;
      current.push(Number(pid));
      facts.set(Number(pid), { state, parent: Number(parent), startedAt });
    } else {
      return undefined;
    }
  }
  return { pids, facts };
}

import type { Observation, SyscallsObservation } from '../../model/observation.ts';
import type { Milliseconds } from '../../model/time.ts';
import { startTree } from '../../model/start-tree.ts';
import type { ContainerId } from '../../model/workload.ts';
import {
  behaviourBounds,
  type CallsView,
  type ProcessStart,
  type RareCall,
  type StartsView,
} from '../../rpc/service/service-behaviour.ts';

/** What containers did lately, kept for whoever wants to look; nothing is judged by it. */
export interface BehaviourBook {
  take(observation: Observation): void;
  calls(container: ContainerId): Omit<CallsView, 'at' | 'container' | 'name' | 'coverage'>;
  starts(container: ContainerId): Pick<StartsView, 'starts' | 'omitted'>;
  forget(container: ContainerId): void;
}

interface Page {
  /** The windows of the last ten seconds, oldest first. */
  readonly windows: SyscallsObservation[];
  windowsMs: Milliseconds;
  /** What went before these, by name, fading. */
  readonly usual: Map<string, number>;
  usualMs: Milliseconds;
  /** All calls of the latest seconds; the second that is under way. */
  readonly perSecond: number[];
  second: { calls: number; ms: Milliseconds };
  readonly rare: RareCall[];
  readonly starts: ProcessStart[];
  startsOmitted: number;
}

/** What counts as now. */
const nowMs: Milliseconds = 10_000;
/** After so much the past loses half its weight. */
const fadeMs: Milliseconds = 2 * 3_600_000;
/** Below this many calls in the faded past a name is let go. */
const hardlyEver = 0.5;

function blankPage(): Page {
  return {
    windows: [],
    windowsMs: 0,
    usual: new Map(),
    usualMs: 0,
    perSecond: [],
    second: { calls: 0, ms: 0 },
    rare: [],
    starts: [],
    startsOmitted: 0,
  };
}

/** With nothing in it. */
export function createBehaviourBook(): BehaviourBook {
  const pages = new Map<ContainerId, Page>();

  function pageOf(container: ContainerId): Page {
    let page = pages.get(container);
    if (page === undefined) {
      page = blankPage();
      pages.set(container, page);
    }
    return page;
  }

  return {
    take(observation) {
      switch (observation.kind) {
        case 'syscalls':
          addWindow(pageOf(observation.container), observation);
          return;
        case 'rare-call': {
          const { rare } = pageOf(observation.container);
          rare.unshift(observation);
          if (rare.length > behaviourBounds.rare) rare.pop();
          return;
        }
        case 'process-start': {
          const page = pageOf(observation.container);
          page.starts.push(observation);
          if (page.starts.length <= behaviourBounds.starts) return;
          page.starts.shift();
          page.startsOmitted += 1;
          return;
        }
        default:
          return;
      }
    },
    calls(container) {
      const page = pages.get(container) ?? blankPage();
      const all = ratesOf(page);
      const calls = all.slice(0, behaviourBounds.calls);
      const { usualMs, perSecond, rare } = page;
      return {
        calls,
        omitted: all.length - calls.length,
        usualMs,
        perSecond: [...perSecond],
        rare,
      };
    },
    starts(container) {
      const { starts, startsOmitted } = pages.get(container) ?? blankPage();
      return {
        starts: startTree(starts).map(({ start, depth }) => ({ ...start, depth })),
        omitted: startsOmitted,
      };
    },
    forget: (container) => void pages.delete(container),
  };
}

function addWindow(page: Page, window: SyscallsObservation): void {
  page.windows.push(window);
  page.windowsMs += window.intervalMs;
  while (page.windowsMs > nowMs + 500 && page.windows.length > 1) {
    const oldest = page.windows.shift();
    if (oldest === undefined) break;
    page.windowsMs -= oldest.intervalMs;
    becomesUsual(page, oldest);
  }
  let calls = 0;
  for (const name in window.counts) calls += window.counts[name] ?? 0;
  page.second.calls += calls;
  page.second.ms += window.intervalMs;
  // Four quarters of a second, or one whole.
  if (page.second.ms < 900) return;
  page.perSecond.push(Math.round((page.second.calls * 1000) / page.second.ms));
  if (page.perSecond.length > behaviourBounds.seconds) page.perSecond.shift();
  page.second = { calls: 0, ms: 0 };
}

function becomesUsual(page: Page, { counts, intervalMs }: SyscallsObservation): void {
  for (const name in counts) {
    page.usual.set(name, (page.usual.get(name) ?? 0) + (counts[name] ?? 0));
  }
  page.usualMs += intervalMs;
  if (page.usualMs < fadeMs) return;
  page.usualMs /= 2;
  for (const [name, count] of page.usual) {
    if (count / 2 < hardlyEver) page.usual.delete(name);
    else page.usual.set(name, count / 2);
  }
}

function ratesOf(page: Page): CallsView['calls'] {
  const [made, refused] = [new Map<string, number>(), new Map<string, number>()];
  for (const { counts, failed } of page.windows) {
    for (const name in counts) made.set(name, (made.get(name) ?? 0) + (counts[name] ?? 0));
    for (const name in failed) refused.set(name, (refused.get(name) ?? 0) + (failed[name] ?? 0));
  }
  const rate = (count: number | undefined, ms: Milliseconds): number =>
    count === undefined || ms <= 0 ? 0 : (count * 1000) / ms;
  return [...new Set([...made.keys(), ...page.usual.keys()])]
    .map((name) => ({
      name,
      perSecond: rate(made.get(name), page.windowsMs),
      refusedPerSecond: rate(refused.get(name), page.windowsMs),
      usualPerSecond: rate(page.usual.get(name), page.usualMs),
    }))
    .sort((a, b) => b.perSecond - a.perSecond || b.usualPerSecond - a.usualPerSecond);
}

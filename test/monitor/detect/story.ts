import type { Finding } from '../../../monitor/model/finding.ts';
import type { ResourceObservation } from '../../../monitor/model/observation.ts';
import { createBaseline, type LearnedBaseline } from '../../../monitor/detect/learned.ts';
import type { DetectSettings } from '../../../monitor/detect/settings.ts';
import {
  createContainerWatch,
  type ContainerWatch,
} from '../../../monitor/detect/container-watch.ts';
import { stepWatch, type StepResult } from '../../../monitor/detect/watch.ts';

export const container = 'c0ffee'.padEnd(64, '0');
export const workload = 'agent#web';

/** Resource use of an idle container. */
export function idleSecond(
  at: number,
  change: Partial<ResourceObservation> = {},
): ResourceObservation {
  return {
    kind: 'resource',
    at,
    workload,
    container,
    intervalMs: 1000,
    cpuCores: 0.01,
    throttledShare: 0,
    memoryBytes: 50e6,
    anonymousBytes: 40e6,
    cacheBytes: 10e6,
    memoryLimitBytes: 1e9,
    memoryLimited: true,
    faultsPerSecond: 5,
    pids: 4,
    pidsLimit: 512,
    forksRefused: 0,
    network: { receivedBytes: 300, sentBytes: 200, receivedPackets: 3, sentPackets: 3 },
    block: { readBytes: 0, writtenBytes: 0 },
    carrier: 'cgroup',
    ...change,
  };
}

/** A container that is watched second by second; findings are kept. */
export interface Story {
  readonly watch: ContainerWatch;
  readonly baseline: LearnedBaseline;
  readonly told: Finding[];
  at: number;
  /** Lives through so many seconds, the n-th (from 0) as `change` says. */
  live(seconds: number, change?: (second: number) => Partial<ResourceObservation>): StepResult[];
  /** Lives on until a finding of the kind is told; the milliseconds that took, or undefined. */
  liveUntil(
    kind: Finding['kind'],
    seconds: number,
    change: (second: number) => Partial<ResourceObservation>,
  ): number | undefined;
}

/** A container that begins at time 0, learned for a minute when `learned`. */
export function tellStory(learned: boolean, baseline = createBaseline()): Story {
  const settings: DetectSettings = { learnMs: 60_000, hostCpus: 4 };
  const story: Story = {
    watch: createContainerWatch(workload, container, [], baseline.profile.cores),
    baseline,
    told: [],
    at: 1_000_000,
    live(seconds, change = () => ({})) {
      const results: StepResult[] = [];
      for (let second = 0; second < seconds; second += 1) {
        const altered = change(second);
        story.at += altered.intervalMs ?? 1000;
        const result = stepWatch(story.watch, baseline, idleSecond(story.at, altered), settings);
        story.told.push(...result.findings);
        results.push(result);
      }
      return results;
    },
    liveUntil(kind, seconds, change) {
      const began = story.at;
      for (let second = 0; second < seconds; second += 1) {
        const [result] = story.live(1, () => change(second));
        if (result?.findings.some((finding) => finding.kind === kind) === true) {
          return story.at - began;
        }
      }
      return undefined;
    },
  };
  if (learned) story.live(90);
  return story;
}

/** The findings of a story that are worth a person's attention. */
export function above(story: Story): readonly Finding[] {
  return story.told.filter((finding) => finding.severity !== 'info');
}

import { renameSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { defaultLearnMs } from '../../monitor/detect/settings.ts';
import type { Finding } from '../../monitor/model/finding.ts';
import { openStage, type Stage } from './stage.ts';
import { marksOf, workingAgents, type ActivityMark } from './work.ts';

/** What a time of real work came to. */
export interface WorkTime {
  readonly containers: number;
  readonly seconds: number;
  /** Findings above info of workloads that were learned: each a false alarm. */
  readonly alarms: readonly Finding[];
  /** Those of workloads that were still learned. */
  readonly alarmsWhileLearning: readonly Finding[];
  /** Findings of severity info: recorded, not told. */
  readonly infos: number;
  /** When which container began what. */
  readonly marks: readonly ActivityMark[];
  /** Every version of a finding as it was told, in its order. */
  readonly told: readonly Finding[];
}

/** How long is worked, by how many, and at what pace. */
export interface WorkTimeOptions {
  readonly socket: string;
  readonly containers: number;
  readonly seconds: number;
  /** From one activity to the next, at least. */
  readonly leastSeconds: number;
  readonly learnMs?: number;
  /** What the detectors are handed is recorded there, and the marks beside it. */
  readonly recordFile?: string | undefined;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** The file beside a recording that says when which container began which activity. */
export function marksFile(recordFile: string): string {
  return `${recordFile}.marks.json`;
}

/** Lets agents work in containers on a real engine, watched by a real monitor. */
export async function spendWorkTime(options: WorkTimeOptions): Promise<WorkTime> {
  const { recordFile, learnMs = defaultLearnMs } = options;
  const stage = await openStage({ socket: options.socket, learnMs, recordFile });
  let spent;
  try {
    spent = await workOn(stage, options);
  } finally {
    await stage.close();
  }
  // Until the end: what was told while it was closed was told as well.
  return { ...spent, told: stage.findings.map(({ item }) => item) };
}

async function workOn(stage: Stage, options: WorkTimeOptions): Promise<Omit<WorkTime, 'told'>> {
  const { seconds, signal, say, recordFile } = options;
  const actors = [];
  const agents = workingAgents({
    count: options.containers,
    seconds,
    leastSeconds: options.leastSeconds,
    seed: 1,
  });
  for (const agent of agents) actors.push(await stage.actor(agent));
  // So that where they talk to is seen as well; without the tools the rest is seen all the same.
  for (const { container } of actors) {
    const observed = await observeEgress(stage, container.id);
    if (observed !== undefined) say(`Egress is not seen: ${observed}`);
  }
  const begun = Date.now();
  for (const actor of actors) actor.begin();
  const learnedAt = new Map<string, number>();
  let told = 0;
  while (Date.now() < begun + seconds * 1000) {
    await delay(1_000, undefined, { signal });
    for (const { workload, learning } of stage.monitor.service.snapshot().workloads) {
      if (learning.state !== 'learned' || learnedAt.has(workload.container)) continue;
      learnedAt.set(workload.container, learning.since);
    }
    const minutes = Math.floor((Date.now() - begun) / 60_000);
    if (minutes <= told) continue;
    told = minutes;
    say(
      `minute ${minutes}: ${learnedAt.size} learned, ${latestOf(stage.findings).length} findings`,
    );
  }
  const marks: ActivityMark[] = [];
  for (const { container } of actors) {
    marks.push(...marksOf(container.id, await container.logs()));
  }
  if (recordFile !== undefined) writeMarks(marksFile(recordFile), marks);
  const findings = latestOf(stage.findings);
  const loud = findings.filter(({ severity }) => severity !== 'info');
  // What was told before that is judged without history, and is told apart.
  const isLearned = ({ id, container }: Finding): boolean => {
    const first = stage.findings.find(({ item }) => item.id === id && item.severity !== 'info');
    return (first?.item.at ?? 0) >= (learnedAt.get(container) ?? Infinity);
  };
  return {
    containers: actors.length,
    seconds,
    alarms: loud.filter(isLearned),
    alarmsWhileLearning: loud.filter((finding) => !isLearned(finding)),
    infos: findings.length - loud.length,
    marks,
  };
}

/** Has the egress of a container counted; gives the reason where that is not possible. */
async function observeEgress(stage: Stage, target: string): Promise<string | undefined> {
  const known = (): boolean =>
    stage.monitor.service
      .snapshot()
      .workloads.some(({ workload }) => workload.container === target);
  await stage.until(known, 30_000);
  const { service } = stage.monitor;
  const answer = await service.egress({ name: 'mode', target, mode: 'observe' });
  return answer.ok ? undefined : answer.error.message;
}

/** The latest version of each finding. */
function latestOf(told: readonly { readonly item: Finding }[]): readonly Finding[] {
  return [...new Map(told.map(({ item }) => [item.id, item])).values()];
}

function writeMarks(path: string, marks: readonly ActivityMark[]): void {
  writeFileSync(`${path}.new`, JSON.stringify(marks));
  renameSync(`${path}.new`, path);
}

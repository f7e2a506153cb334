import { setTimeout as delay } from 'node:timers/promises';
import type { Finding } from '../../monitor/model/finding.ts';
import { quiet } from './loads.ts';
import { openStage } from './stage.ts';

/** What a time with nothing but honest work came to. */
export interface QuietTime {
  readonly containers: number;
  readonly seconds: number;
  /** Findings above info: each a false alarm. */
  readonly alarms: readonly Finding[];
  /** Findings of severity info: recorded, not told. */
  readonly infos: number;
}

/**
 * Lets the quiet loads work for so many seconds after they were learned while idle: each begins a
 * kind of work that it never did before, which is the hard case.
 */
export async function spendQuietTime(
  socket: string,
  seconds: number,
  signal: AbortSignal,
): Promise<QuietTime> {
  const stage = await openStage({ socket, learnMs: 15_000 });
  try {
    const actors = [];
    for (const load of quiet) actors.push(await stage.actor(load));
    await stage.learned();
    for (const actor of actors) actor.begin();
    await delay(seconds * 1000, undefined, { signal });
    const latest = new Map(stage.findings.map(({ item }) => [item.id, item]));
    const all = [...latest.values()];
    return {
      containers: actors.length,
      seconds,
      alarms: all.filter(({ severity }) => severity !== 'info'),
      infos: all.filter(({ severity }) => severity === 'info').length,
    };
  } finally {
    await stage.close();
  }
}

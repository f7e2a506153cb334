import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { atLeast, type FindingKind } from '../../monitor/model/finding.ts';
import { describeWith, engineSocket } from '../engine/capabilities.ts';
import { buildDrill, type DrillProgram } from './drill-program.ts';
import { containEscapes, hostConfigOf, ordinaryWork, profiles, steps } from './drill.ts';
import { becomesFrozen, openStage, type Actor, type Stage } from './stage.ts';

const cases = profiles.flatMap((profile) =>
  steps.map((step) => ({ profile, step, name: `${step.name}-${profile}` })),
);

/** What is found by calls and process starts; what it uses is judged elsewhere. */
const kinds: readonly FindingKind[] = [
  'escape-attempt',
  'reverse-shell',
  'dropped-program',
  'unusual-process',
  'unexpected-exec',
];

describeWith(['engine', 'debian-image', 'root', 'kernel-sensor'], 'An escape drill', () => {
  let stage: Stage;
  let program: DrillProgram;
  const actors = new Map<string, Actor>();
  let worker: Actor;

  beforeAll(async () => {
    program = buildDrill();
    stage = await openStage({ socket: engineSocket(), policy: containEscapes, learnMs: 40_000 });
    for (const { name, step, profile } of cases) {
      const hostConfig = hostConfigOf(step, profile, program.path, engineSocket());
      const script = `sleep 600 & NEIGHBOUR=$!; ${step.script}; sleep 600`;
      actors.set(name, await stage.actor({ name, script, limits: { hostConfig } }));
    }
    // The last, so that it is at work while it is learned.
    worker = await stage.actor({
      name: 'worker',
      script: ordinaryWork,
      limits: { healthCommand: 'ls /' },
    });
    const seesAll = (): boolean =>
      stage.monitor.service
        .snapshot()
        .workloads.every(({ coverage }) =>
          coverage.some(({ sensor, sight }) => sensor === 'syscalls' && sight.state === 'seeing'),
        );
    expect(await stage.until(seesAll, 60_000)).toBe(true);
    // Not before it is seen: what an installation is beneath is known by its start.
    worker.begin();
    expect(await worker.container.exec(['ls', '/'])).toBe(0);
    await stage.learned();
  }, 300_000);

  afterAll(async () => {
    await stage.close();
    program.remove();
  }, 240_000);

  test.each(cases)('$name is told, and frozen', { timeout: 240_000 }, async (one) => {
    const { step, profile, name } = one;
    const actor = actors.get(name);
    if (actor === undefined) throw new Error(`No actor ${name}.`);
    actor.begin();
    const about = () =>
      stage
        .alarmsAbout(actor)
        .map(({ item }) => item)
        .filter(({ kind, sentence }) => kind === step.kind && sentence.includes(step.tells));
    expect(await stage.until(() => about().length > 0, 60_000)).toBe(true);
    const [told] = about();
    expect(told?.severity).toBe(step.severity[profile]);
    expect(told?.technique?.id).toMatch(/^T\d{4}/);
    const error = step.refused[profile];
    if (error !== undefined)
      expect(/refused with (\w+)/.exec(told?.sentence ?? '')?.[1]).toMatch(error);
    else if (step.kind === 'escape-attempt' && !['crowded', 'set-uid'].includes(step.name))
      expect(told?.sentence).toContain('was not refused');
    // What is mild is told and left to run.
    if (!atLeast(step.severity[profile], 'medium')) return;
    expect(await becomesFrozen(actor)).toBe(true);
  });

  test('ordinary work beside it, with a health check every second, is left alone', async () => {
    const told = stage.alarmsAbout(worker).filter(({ item }) => kinds.includes(item.kind));
    expect(told.map(({ item }) => item.sentence)).toEqual([]);
    const rounds = 'wc -l </tmp/rounds';
    expect(await worker.container.exec(['sh', '-c', `[ $(${rounds}) -gt 1 ]`])).toBe(0);
    await delay(2000);
    expect((await worker.container.inspect()).State.Paused).toBe(false);
    expect(stage.alarmsAbout(worker).filter(({ item }) => kinds.includes(item.kind))).toEqual([]);
  });
});

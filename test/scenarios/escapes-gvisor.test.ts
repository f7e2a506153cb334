import { afterAll, beforeAll, expect, test } from 'vitest';
import { atLeast } from '../../monitor/model/finding.ts';
import { describeWith, engineSocket } from '../engine/capabilities.ts';
import { buildDrill, type DrillProgram } from './drill-program.ts';
import { containEscapes, hostConfigOf, steps } from './drill.ts';
import { gvisorSteps, notToldByGvisor, notUnderGvisor } from './gvisor-drill.ts';
import { becomesFrozen, openStage, type Actor, type Stage } from './stage.ts';

/** What the issue names, and what takes a way of its own through gVisor; the bench runs all. */
const short = new Set([
  ...['ptrace', 'mount', 'unshare', 'setns', 'raw', 'memory-by-folder', 'module'],
  ...['keyctl', 'shadow-refused', 'root', 'reverse-shell', 'bash-on-tcp', 'dropped'],
  ...['from-memory', 'crowded', 'flooded', 'packet-old'],
]);
const cases = gvisorSteps
  .filter(({ step }) => short.has(step.name))
  .map((one) => ({ ...one, name: one.step.name }));

describeWith(
  ['engine', 'debian-image', 'root', 'kernel-sensor'],
  'An escape drill under gVisor',
  () => {
    let stage: Stage;
    let program: DrillProgram;
    const actors = new Map<string, Actor>();

    beforeAll(async () => {
      program = buildDrill();
      stage = await openStage({ socket: engineSocket(), policy: containEscapes, learnMs: 5_000 });
      for (const { step, name } of cases) {
        const hostConfig = {
          ...hostConfigOf(step, 'default', program.path, engineSocket()),
          Runtime: 'runsc',
        };
        const script = `sleep 600 & NEIGHBOUR=$!; ${step.script}; sleep 600`;
        actors.set(name, await stage.actor({ name, script, limits: { hostConfig } }));
      }
      const seesAll = (): boolean =>
        stage.monitor.service
          .snapshot()
          .workloads.every(({ coverage }) =>
            coverage.some(({ sensor, sight }) => sensor === 'syscalls' && sight.state === 'partly'),
          );
      expect(await stage.until(seesAll, 60_000)).toBe(true);
      await stage.learned();
    }, 300_000);

    afterAll(async () => {
      await stage.close();
      program.remove();
    }, 240_000);

    test('takes in each step of the drill that gVisor lets begin and tells', () => {
      const known = [
        ...gvisorSteps.map(({ step }) => step.name),
        ...notUnderGvisor,
        ...notToldByGvisor,
      ];
      expect(known.toSorted()).toEqual(steps.map(({ name }) => name).toSorted());
    });

    test.each(cases)('$name is told, and frozen', { timeout: 120_000 }, async (one) => {
      const { step, severity, refused, name } = one;
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
      expect(told?.severity).toBe(severity);
      if (refused !== undefined)
        expect(/refused with (\w+)/.exec(told?.sentence ?? '')?.[1]).toMatch(refused);
      else if (step.kind === 'escape-attempt' && name !== 'crowded')
        expect(told?.sentence).toContain('was not refused');
      if (!atLeast(severity, 'medium')) return;
      expect(await becomesFrozen(actor)).toBe(true);
    });
  },
);

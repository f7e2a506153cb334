import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith, engineSocket } from '../engine/capabilities.ts';
import { openStage, type Actor, type Stage } from './stage.ts';

/** Lists a folder, and from a while after /tmp/go is there makes and moves files as well. */
const script = `while [ ! -e /tmp/go ]; do ls / > /dev/null; sleep 0.2; done
sleep 14
while :; do
  mkdir -p /tmp/new; ln -sf a /tmp/new/b; touch /tmp/new/c; chmod 600 /tmp/new/c; mv /tmp/new/c /tmp/new/d
  sleep 0.2
done`;

describeWith(
  ['engine', 'debian-image', 'root', 'kernel-sensor'],
  'System calls that a container never made',
  () => {
    let stage: Stage;
    let agent: Actor;

    beforeAll(async () => {
      stage = await openStage({ socket: engineSocket(), learnMs: 20_000 });
      agent = await stage.actor({ name: 'agent', script });
      agent.begin();
      await stage.learned();
    }, 240_000);

    afterAll(() => stage.close(), 60_000);

    const found = () =>
      stage.findings
        .map(({ item }) => item)
        .filter(
          ({ kind, container }) => kind === 'unusual-calls' && container === agent.container.id,
        );
    const figures = () =>
      stage.monitor.service.alarms().workloads.find(({ name }) => name === agent.container.name);

    test('are not held against it when a command is put into it from outside', async () => {
      // What comes right at the end of learning may still be news of its own.
      await delay(5_000);
      const before = found().length;
      expect(await agent.container.exec(['touch', '/tmp/go'])).toBe(0);
      await delay(8_000);
      expect(found().slice(before)).toEqual([]);
    }, 240_000);

    test('are found, and of one so new only recorded, without a word on how rare that is', async () => {
      const before = found().length;
      const isNew = () =>
        found()
          .slice(before)
          .some(({ sentence }) => sentence.includes('never before'));
      expect(await stage.until(isNew, 60_000)).toBe(true);
      const news = found().findLast(({ sentence }) => sentence.includes('never before'));
      expect(news?.severity).toBe('info');
      expect(news?.sentence).toMatch(
        /^Made .* never before .* How rare that is for it cannot be said yet\.$/,
      );
      expect(stage.alarmsAbout(agent).filter(({ item }) => item.kind === 'unusual-calls')).toEqual(
        [],
      );
    }, 240_000);

    test('and what is known of it outlive a restart of the monitor', async () => {
      const before = figures();
      expect(before?.watchedMs).toBeGreaterThan(5_000);
      expect(before?.claim).toContain('Too new to tell what is unusual for it');
      await stage.restartMonitor();
      expect(await stage.until(() => figures() !== undefined, 60_000)).toBe(true);
      expect(figures()?.watchedMs).toBeGreaterThanOrEqual(before?.watchedMs ?? Infinity);
    }, 240_000);
  },
);

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { notedGates } from '../../../monitor/egress/gate/gate-note.ts';
import { describeWith } from '../../engine/capabilities.ts';
import { eventually } from './egress-stage.ts';
import { openFirstActStage, type FirstActStage } from './first-act-stage.ts';

/** The short form of `npm run bench -- first-act`, which restarts it a hundred times. */
const restarts = 6;

describeWith(
  ['engine', 'debian-image', 'root', 'kernel-sensor'],
  'A container whose first act is to send',
  () => {
    let stage: FirstActStage;

    beforeAll(async () => {
      stage = await openFirstActStage();
    }, 60_000);

    afterAll(() => stage.close());

    // What the monitor said tells why, on a machine that nobody can look at afterwards.
    beforeEach(({ onTestFailed }) => {
      onTestFailed(async () => {
        process.stderr.write(`${stage.watch.log.slice(-60).join('\n')}\n`);
        process.stderr.write(`${JSON.stringify((await stage.watch.view(stage.agent)).coverage)}\n`);
      });
    });

    test('gets through without a wall: it does send', async () => {
      const before = await stage.arrived();
      await stage.restart();
      await eventually('it arrives', async () => (await stage.arrived()) > before + 20);
    });

    test('gets nothing out under enforce, however often it starts', async () => {
      await stage.enforce();
      expect(await stage.arriveInRestarts(restarts)).toBe(0);
      const after = await stage.watch.view(stage.agent);
      expect(after.coverage?.sight).toMatchObject({ state: 'seeing' });
    });

    test('gets nothing out while no monitor runs, and is let through when one comes back', async () => {
      await stage.watch.stop();
      const before = await stage.arrived();
      await stage.restart();
      await delay(1000);
      expect(await stage.curl('http://allowed.test/')).not.toBe(0);
      await stage.watch.start();
      await eventually(
        'the name works',
        async () => (await stage.curl('http://allowed.test/')) === 0,
      );
      expect(await stage.arrived()).toBe(before);
    });

    test('does not hold up others on its network, watched or not', async () => {
      const other = await stage.containers.start({ image: 'debian', args: ['sleep', '1000'] });
      const curl = ['curl', '-s', '-o', '/dev/null', '--max-time', '1'];
      const begin = performance.now();
      await eventually(
        'it reaches its neighbour',
        async () => (await other.exec([...curl, `http://${stage.address}/`])) === 0,
      );
      expect(performance.now() - begin).toBeLessThan(20_000);
    });

    test('with the mode off nothing of the gate is left', async () => {
      expect(notedGates().length).toBeGreaterThan(0);
      await stage.watch.mode(stage.agent, 'off');
      const before = await stage.arrived();
      await stage.restart();
      await eventually('it arrives', async () => (await stage.arrived()) > before);
    });
  },
);

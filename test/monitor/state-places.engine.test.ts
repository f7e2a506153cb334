import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { demoPlan } from '../../monitor/simulator/demo-plan.ts';
import { startSimulator } from '../../monitor/simulator/simulator.ts';
import { describeWith } from '../engine/capabilities.ts';
import { asRoot } from '../engine/privilege.ts';
import { watchWithStateAt, type Ended } from './state-place.ts';

/** What a disk of its own is mounted and filled with, and the command that runs there. */
async function watchOn(mount: string, fill: string): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), 'sentra-disk-'));
  const engine = join(folder, 'engine.sock');
  const plan = demoPlan(3, { firstIncidentAfterSeconds: 100_000 });
  const simulator = await startSimulator({ socketPath: engine, plan, seed: 3 });
  onTestFinished(async () => {
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const script = `mkdir "$0/disk" && mount -t tmpfs ${mount} tmpfs "$0/disk" && ${fill} && exec "$@"`;
  return watchWithStateAt(
    { engine, own: join(folder, 'own'), record: join(folder, 'disk', 'state') },
    asRoot(['unshare', '--mount', 'sh', '-c', script, folder]),
  );
}

describeWith(
  ['root'],
  'A monitor whose disk does not take a record says so at once, and ends',
  () => {
    test.each([
      ['read-only', '-o ro', 'true', /mounted read-only\.\n.*writable/],
      ['too small for it', '-o size=64k', 'true', /full\.\nFree some space on the disk\./],
      [
        'full but for a few pages',
        '-o size=200k',
        'head -c 190000 /dev/zero > "$0/disk/fill"',
        /is full\.\nFree some space on the disk\./,
      ],
    ])('%s.', async (_, mount, fill, sentence) => {
      const ended = await watchOn(mount, fill);
      expect(ended.said).toMatch(sentence);
      expect(ended.said).not.toContain('Watching goes on');
      expect(ended).toMatchObject({ code: 1 });
    });
  },
);

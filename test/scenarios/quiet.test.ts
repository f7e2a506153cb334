import { expect, test } from 'vitest';
import { describeWith, engineSocket } from '../engine/capabilities.ts';
import { spendQuietTime } from './quiet-time.ts';

describeWith(
  ['engine', 'debian-image', 'root'],
  'Builds, tests, archives, downloads, installs',
  () => {
    test('in containers that were idle until now raise nothing above info', async ({ signal }) => {
      const spent = await spendQuietTime(engineSocket(), 75, signal);
      expect(
        spent.alarms.map(({ kind, severity, sentence }) => [kind, severity, sentence]),
      ).toEqual([]);
    }, 240_000);
  },
);

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeWith } from '../engine/capabilities.ts';
import * as budget from './budget.bench.ts';
import * as incidents from './incidents.bench.ts';
import * as quiet from './quiet.bench.ts';
import * as reaction from './reaction.bench.ts';
import { figure } from './figure.ts';
import * as work from './work.bench.ts';

/** Incidents that need no history to be told from work. */
const plain = [
  'memory leak',
  'fork bomb',
  'packet flood',
  'exfiltration by upload',
  'restart loop',
  'shell from outside',
  'escape attempt',
];

const lines: string[] = [];
const say = (line: string): void => void lines.push(line);

/** The short forms run the code of the benches; what is a matter of speed they only bound loosely. */
describeWith(['engine', 'debian-image', 'root'], 'The short form of the bench', () => {
  test('quiet: builds, tests, archives, downloads and installs raise nothing above info', async ({
    signal,
  }) => {
    const { results } = await quiet.run({ short: true, signal, say });
    expect(lines).toEqual([]);
    expect(figure(results, 'alarms above info')).toBe(0);
  }, 240_000);

  test('work: agents at real work raise nothing, and their recording can be judged again', async ({
    signal,
  }) => {
    const folder = mkdtempSync(join(tmpdir(), 'sentra-work-'));
    try {
      const recording = join(folder, 'work.rec');
      const spent = await work.run({ short: true, signal, say, recording });
      expect(figure(spent.results, 'kinds of work done')).toBe(6);
      expect(figure(spent.results, 'alarms after learning'), lines.join('\n')).toBeLessThanOrEqual(
        1,
      );

      expect(figure(spent.results, 'findings replayed otherwise')).toBe(0);

      const replayed = await budget.run({ short: true, signal, say, recording });
      for (const alarmsPerDay of [0.2, 1, 5]) {
        expect(figure(replayed.results, `budget ${alarmsPerDay}: container-hours`)).toBeGreaterThan(
          10,
        );
        // In half a day an alarm more or less is chance; many would be a broken budget.
        const rate = figure(replayed.results, `budget ${alarmsPerDay}: alarms a container-day`);
        expect(rate, lines.join('\n')).toBeLessThanOrEqual(2 * alarmsPerDay + 4);
      }

      const injected = await incidents.run({ short: true, signal, say, recording });
      for (const kind of plain) {
        expect(figure(injected.results, `${kind}, strong: found`), kind).toBe(1);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
      lines.length = 0;
    }
  }, 300_000);

  test('reaction: every villain is contained, finding before decision before containment', async ({
    signal,
  }) => {
    const { results } = await reaction.run({ short: true, signal, say });
    for (const villain of ['fork-strong', 'leak-strong', 'send-strong']) {
      const at = (step: string): number => figure(results, `${villain} ${step} p50`);
      expect(at('finding')).toBeGreaterThan(0);
      expect(at('decision')).toBeGreaterThanOrEqual(at('finding'));
      expect(at('contained')).toBeGreaterThan(at('decision'));
    }
  }, 240_000);
});

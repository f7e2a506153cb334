/*
 * The process that the kill loop kills. Writes findings, actions, containments and samples as fast
 * as it can, and acknowledges each on standard output after the store did. Arguments: the file, and
 * the number of the first thing to write.
 */
import { writeSync } from 'node:fs';

import { silentLogger } from '../../../monitor/runtime/logger.ts';
import type { Result } from '../../../monitor/runtime/result.ts';
import { openStore } from '../../../monitor/record/store.ts';
import { action, containment, finding, nineOClock, resource } from './examples.ts';

const samplesPerRound = 10;
const [path = '', first = '0'] = process.argv.slice(2);

function check<Value>(result: Result<Value, unknown>): Value {
  if (result.ok) return result.value;
  throw new Error(JSON.stringify(result.error));
}

/** Straight to the pipe: what has been said stays said when the process dies. */
function acknowledge(line: string): void {
  writeSync(1, `${line}\n`);
}

function release(container: string): void {
  acknowledge(`releasing ${container} -`);
  check(store.containments.remove(container));
  acknowledge(`released ${container} -`);
}

const clock = { now: nineOClock };
const store = check(openStore(path, { now: () => clock.now, logger: silentLogger }));
if (store.origin.kind === 'damaged') throw new Error(store.origin.reason);
for (const { container } of check(store.containments.all())) release(container);

for (let number = Number(first); ; number += 1) {
  const at = nineOClock + number;
  const id = `finding-${number % 50}`;
  check(store.findings.put(finding({ id, at })));
  acknowledge(`finding ${id} ${at}`);

  check(store.actions.put(action({ id: `action-${number}`, startedAt: at })));
  acknowledge(`action ${number} started`);

  check(store.containments.put(containment({ container: `container-${number}`, since: at })));
  acknowledge(`held container-${number} ${at}`);

  // A quarter of a minute a round, so that the fold is often hit too.
  clock.now = nineOClock + number * 15_000;
  for (let sample = 0; sample < samplesPerRound; sample += 1) {
    store.samples.add(resource({ at: clock.now + sample * 1000 }));
  }
  check(store.samples.flush());
  acknowledge(`samples ${samplesPerRound} -`);

  const outcome = { state: 'proved', proof: 'paused' } as const;
  check(store.actions.put(action({ id: `action-${number}`, startedAt: at, outcome })));
  acknowledge(`action ${number} proved`);

  if (number >= Number(first) + 10) release(`container-${number - 10}`);
}

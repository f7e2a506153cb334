import { beforeEach, expect, test } from 'vitest';
import type { EngineError } from '../../../monitor/engine/port.ts';
import type { ProcessObservation } from '../../../monitor/model/observation.ts';
import { createProcessLook, type ProcessLook } from '../../../monitor/pipeline/process-look.ts';
import { silentLogger } from '../../../monitor/runtime/logger.ts';
import { failed, type Result } from '../../../monitor/runtime/result.ts';
import { fakeFinding, fakeWorkload } from '../rpc/fake-service.ts';

type Answer = Result<ProcessObservation, EngineError>;

const miner = fakeWorkload('miner', 'feed');
const away: Answer = failed({ kind: 'not-running', message: 'It is away.', advice: '' });
let asked: { container: string; answer: (answer: Answer) => void }[];
let now: number;
let look: ProcessLook;

beforeEach(() => {
  asked = [];
  now = 0;
  look = createProcessLook({
    processes(container) {
      const { promise, resolve } = Promise.withResolvers<Answer>();
      asked.push({ container, answer: resolve });
      return promise;
    },
    clock: { monotonic: () => now },
    logger: silentLogger,
  });
});

async function answerAll(): Promise<void> {
  for (const { answer } of asked) answer(away);
  await new Promise((resolve) => setImmediate(resolve));
}

test('A finding of medium severity or more has the processes looked at, once.', async () => {
  look.finding(fakeFinding(miner, { severity: 'low' }), miner);
  expect(asked).toEqual([]);
  look.finding(fakeFinding(miner, { severity: 'medium' }), miner);
  await answerAll();
  now += 60_000;
  look.finding(fakeFinding(miner, { severity: 'high' }), miner);
  expect(asked.map(({ container }) => container)).toEqual([miner.container]);
});

test('A finding that is over and comes again gets a look of its own.', async () => {
  look.finding(fakeFinding(miner), miner);
  await answerAll();
  now += 60_000;
  look.finding(fakeFinding(miner, { status: 'closed' }), miner);
  look.finding(fakeFinding(miner), miner);
  expect(asked).toHaveLength(2);
});

test('A second finding waits until the first look has ended and 10 s are over.', async () => {
  look.finding(fakeFinding(miner), miner);
  const second = fakeFinding(miner, { id: 'second' });
  now += 20_000;
  look.finding(second, miner);
  expect(asked).toHaveLength(1);
  await answerAll();
  look.finding(second, miner);
  expect(asked).toHaveLength(2);
  await answerAll();
  now += 9_999;
  const third = fakeFinding(miner, { id: 'third' });
  look.finding(third, miner);
  expect(asked).toHaveLength(2);
  now += 1;
  look.finding(third, miner);
  expect(asked).toHaveLength(3);
});

test('A container that does not run is left alone, and not more than four are asked at once.', () => {
  look.finding(fakeFinding(miner), { ...miner, state: 'paused' });
  expect(asked).toEqual([]);
  for (const digits of ['a1', 'a2', 'a3', 'a4', 'a5']) {
    const workload = fakeWorkload(`agent-${digits}`, digits);
    look.finding(fakeFinding(workload), workload);
  }
  expect(asked).toHaveLength(4);
});

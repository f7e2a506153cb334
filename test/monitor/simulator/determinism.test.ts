import { request } from 'node:http';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { demoPlan } from '../../../monitor/simulator/demo-plan.ts';
import type { IncidentKind } from '../../../monitor/simulator/incident.ts';
import type { Simulator } from '../../../monitor/simulator/simulator.ts';
import { openStage } from './stage.ts';

type Step =
  | { readonly do: 'wait'; readonly milliseconds: number }
  | { readonly do: 'call'; readonly method: string; readonly path: string }
  | { readonly do: 'incident'; readonly name: string; readonly kind: IncidentKind };

const names = fc.constantFrom('queue', 'docs-writer', 'webshop-builder-1', 'research-agent-1');
const kinds = fc.constantFrom<IncidentKind>(
  ...(['exfiltration', 'fork-bomb', 'memory-leak', 'miner', 'unexpected-exec'] as const),
);
const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('wait' as const),
    milliseconds: fc.integer({ min: 0, max: 90_000 }),
  }),
  fc.tuple(names, fc.constantFrom('pause', 'unpause', 'kill', 'start')).map(([name, verb]) => ({
    do: 'call' as const,
    method: 'POST',
    path: `/containers/${name}/${verb}`,
  })),
  fc.record({ do: fc.constant('incident' as const), name: names, kind: kinds }),
);

function textOf(simulator: Simulator, method: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: simulator.socketPath, method, path }, (response) => {
      let text = `${response.statusCode ?? 0} `;
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('end', () => resolve(text));
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** Every word that an engine says while it is led through the steps. */
async function transcript(seed: number, steps: readonly Step[]): Promise<string[]> {
  const { containers, networks } = demoPlan(seed, { firstIncidentAfterSeconds: 60 });
  await using stage = await openStage(containers, { networks, seed });
  const { simulator } = stage;
  const said: string[] = [];
  for (const step of steps) {
    if (step.do === 'wait') await simulator.advance(step.milliseconds);
    else if (step.do === 'call') said.push(await textOf(simulator, step.method, step.path));
    else simulator.begin(step.name, { kind: step.kind });
  }
  for (const { name } of containers) {
    const path = `/containers/${name}`;
    said.push(await textOf(simulator, 'GET', `${path}/stats?stream=0&one-shot=1`));
    said.push(await textOf(simulator, 'GET', `${path}/json`));
    said.push(await textOf(simulator, 'GET', `${path}/top`));
  }
  said.push(await textOf(simulator, 'GET', '/containers/json?all=1'));
  const events = textOf(simulator, 'GET', `/events?since=1&until=${simulator.now() / 1_000 + 0.5}`);
  while (simulator.faults.openStreams('events') === 0) await simulator.advance(0);
  await simulator.advance(500);
  said.push(await events);
  return said;
}

test('the same seed and the same steps give the same answers, word for word', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.array(stepArbitrary, { maxLength: 12 }),
      async (seed, steps) => {
        expect(await transcript(seed, steps)).toEqual(await transcript(seed, steps));
      },
    ),
    { numRuns: 12 },
  );
});

test('another seed gives other figures', async () => {
  const steps: Step[] = [{ do: 'wait', milliseconds: 30_000 }];
  expect(await transcript(1, steps)).not.toEqual(await transcript(2, steps));
});

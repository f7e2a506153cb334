import { describe, expect, it } from 'vitest';
import type { EngineError } from '../../../../monitor/engine/port.ts';
import type { ContainerFacts } from '../../../../monitor/model/container-facts.ts';
import { containerFacts } from '../../../renderer/fixtures.ts';
import { createHistoryService } from '../../../../monitor/pipeline/service/history-service.ts';
import { createLosses } from '../../../../monitor/pipeline/losses.ts';
import type { ContainerState } from '../../../../monitor/model/workload.ts';
import type { ProcessObservation } from '../../../../monitor/model/observation.ts';
import { failed, ok, type Result } from '../../../../monitor/runtime/result.ts';
import { silentLogger } from '../../../../monitor/runtime/logger.ts';
import { recordLoss } from '../../../../monitor/rpc/service/service.ts';
import type { RecordRefusal } from '../../../../monitor/rpc/service/service-history.ts';
import {
  action,
  expectFailure,
  expectOk,
  finding,
  nineOClock,
  openForTest,
  resource,
} from '../../record/examples.ts';

const container = 'c'.repeat(64);

function standWith(
  processes: () => Promise<Result<ProcessObservation, EngineError>> = () =>
    Promise.reject(new Error('Nobody was to ask.')),
  state: ContainerState | 'absent' = 'running',
  facts: () => Promise<Result<ContainerFacts, EngineError>> = () =>
    Promise.reject(new Error('Nobody was to ask.')),
) {
  const store = openForTest(':memory:', { now: () => nineOClock + 3_600_000 });
  const losses = createLosses(silentLogger);
  const service = createHistoryService({
    store,
    losses,
    usual: (workload, series) =>
      workload === 'builder' && series === 'cpu' ? { low: 0.1, high: 0.9 } : undefined,
    stateOf: () => (state === 'absent' ? undefined : state),
    facts,
    processes,
  });
  return { store, service, losses };
}

describe('the history of a workload', () => {
  it('comes by columns, a gap where nothing was seen and null where a series has no value', () => {
    const { store, service } = standWith();
    const reading = (second: number, cpuCores: number, sentBytes: number | undefined) =>
      resource({
        at: nineOClock + second * 1000,
        cpuCores,
        network:
          sentBytes === undefined
            ? undefined
            : { receivedBytes: 0, sentBytes, receivedPackets: 0, sentPackets: 0 },
      });
    store.samples.add(reading(0, 0.25, 100));
    store.samples.add(reading(0.5, 0.75, 300));
    store.samples.add(reading(1, 1, undefined));
    store.samples.add(reading(5, 2, 50));
    const history = service.history({
      workload: 'builder',
      from: nineOClock,
      to: nineOClock + 5000,
      resolution: 'second',
      series: ['sentBytes', 'cpuCores'],
    });
    const series = [
      { name: 'sentBytes', mean: [200, null], max: [300, null], learned: undefined },
      { name: 'cpuCores', mean: [0.5, 1], max: [0.75, 1], learned: { low: 0.1, high: 0.9 } },
    ];
    expect(history).toEqual(ok({ at: [nineOClock, nineOClock + 1000], series }));
  });
});

describe('a record that cannot be read', () => {
  it('is answered with why, never as if nothing had happened', () => {
    const { store, service, losses } = standWith();
    expectOk(store.actions.put(action({ startedAt: nineOClock })));
    expectOk(store.close());
    const of = { workload: 'builder', limit: 10 };
    const span = { workload: 'builder', from: 0, to: nineOClock, resolution: 'second' } as const;
    const answers = {
      actions: service.actions(of),
      decisions: service.decisions(of),
      findings: service.timeline(of),
      samples: service.history({ ...span, series: ['cpuCores'] }),
    };
    for (const [what, answer] of Object.entries(answers)) {
      const error = expectFailure<RecordRefusal>(answer);
      expect(error.kind).toBe('record-failed');
      expect(error.message).toContain(`The ${what} were not read`);
    }
    expect(losses.all()).toEqual([{ what: recordLoss, count: 4 }]);
  });
});

describe('the timeline of a workload', () => {
  it('has what was found, decided, done and seen, newest first and bounded', () => {
    const { store, service } = standWith();
    const at = (second: number) => nineOClock + second * 1000;
    expectOk(store.findings.put(finding({ at: at(1) })));
    expectOk(store.findings.put(finding({ id: 'other', workload: 'web', at: at(9) })));
    expectOk(
      store.decisions.put({
        id: 'd1',
        rule: 'contain',
        finding: 'finding-1',
        workload: 'builder',
        container,
        mode: 'enforce',
        actions: [{ kind: 'pause' }],
        heldSince: at(1),
        at: at(2),
        muted: true,
      }),
    );
    expectOk(store.actions.put(action({ startedAt: at(3) })));
    expectOk(
      store.coverage.put({
        kind: 'coverage',
        workload: 'builder',
        container,
        at: at(4),
        coverage: { sensor: 'resource', sight: { state: 'seeing' }, since: at(4), dropped: 0 },
      }),
    );
    const kinds = (limit: number, since?: number) =>
      expectOk(service.timeline({ workload: 'builder', limit, since })).map(({ kind }) => kind);
    expect(kinds(10)).toEqual(['coverage', 'action', 'decision', 'finding']);
    expect(kinds(2)).toEqual(['coverage', 'action']);
    expect(kinds(10, at(3))).toEqual(['coverage', 'action']);
    expect(expectOk(service.decisions({ workload: 'builder', limit: 5 }))).toMatchObject([
      { id: 'd1', muted: true },
    ]);
    expect(service.decisions({ finding: 'other', limit: 5 })).toEqual(ok([]));
    const done = (start: number) =>
      expectOk(service.actions({ workload: 'builder', since: start, limit: 5 })).length;
    expect([done(at(3)), done(at(4))]).toEqual([1, 0]);
  });
});

describe('the processes of a container', () => {
  const observed: ProcessObservation = {
    kind: 'process',
    at: nineOClock,
    workload: 'builder',
    container,
    processes: [{ pid: 1, parentPid: undefined, user: 'root', command: 'sh' }],
    omitted: 0,
  };

  it('are asked for once by all who look at the same time, and anew by who comes later', async () => {
    let asked = 0;
    const { service } = standWith(async () => {
      asked += 1;
      await Promise.resolve();
      return ok(observed);
    });
    const both = await Promise.all([
      service.processes({ container }),
      service.processes({ container }),
    ]);
    expect(asked).toBe(1);
    const { at, processes, omitted } = observed;
    for (const answer of both) expect(answer).toEqual(ok({ at, container, processes, omitted }));
    await service.processes({ container });
    expect(asked).toBe(2);
  });

  it.each([
    ['exited', 'not-running'],
    ['restarting', 'not-running'],
    ['absent', 'not-watched'],
  ] as const)('of one that is "%s" are not asked for: "%s"', async (state, kind) => {
    const { service } = standWith(undefined, state);
    expect(await service.processes({ container })).toMatchObject({ ok: false, error: { kind } });
  });

  it.each([
    ['gone', 'not-watched'],
    ['conflict', 'not-running'],
    ['timeout', 'engine-failed'],
  ] as const)('are not had where the engine says "%s": "%s"', async (kind, refusal) => {
    const { service } = standWith(() =>
      Promise.resolve(failed({ kind, message: 'No.', advice: 'Wait.' })),
    );
    expect(await service.processes({ container })).toMatchObject({
      ok: false,
      error: { kind: refusal, message: 'No.' },
    });
  });
});

describe('what the engine says of how a container was made', () => {
  it('is told of a watched one, and of no other the engine is asked', async () => {
    const known = standWith(undefined, 'exited', () => Promise.resolve(ok(containerFacts)));
    expect(await known.service.containerFacts({ container })).toEqual(ok(containerFacts));
    const { service } = standWith(undefined, 'absent');
    expect(await service.containerFacts({ container })).toMatchObject({
      error: { kind: 'not-watched' },
    });
  });

  it.each([
    ['gone', 'not-watched'],
    ['timeout', 'engine-failed'],
  ] as const)('is not had where the engine says "%s": "%s"', async (kind, refusal) => {
    const { service } = standWith(undefined, 'running', () =>
      Promise.resolve(failed({ kind, message: 'No.', advice: 'Wait.' })),
    );
    expect(await service.containerFacts({ container })).toMatchObject({
      error: { kind: refusal, message: 'No.', advice: 'Wait.' },
    });
  });
});

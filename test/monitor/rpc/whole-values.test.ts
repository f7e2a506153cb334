import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Action, ActionOutcome, Requester } from '../../../monitor/model/action.ts';
import type {
  Containment,
  DetachedNetwork,
  KeptLimits,
  UndoNotes,
} from '../../../monitor/model/containment.ts';
import { sensorNames } from '../../../monitor/model/coverage.ts';
import type { Coverage, Sight } from '../../../monitor/model/coverage.ts';
import type { Decision, PlannedAction } from '../../../monitor/model/decision.ts';
import { evidenceUnits, findingKinds, severities } from '../../../monitor/model/finding.ts';
import type { Evidence, Finding } from '../../../monitor/model/finding.ts';
import type { Workload } from '../../../monitor/model/workload.ts';
import { createMonitorClient } from '../../../monitor/rpc/client.ts';
import { serveMonitor } from '../../../monitor/rpc/server.ts';
import type { MonitorEvent } from '../../../monitor/rpc/service/service.ts';
import { silentLogger } from '../../../monitor/runtime/logger.ts';
import { createFakeService, fakeView, fakeWorkload, scriptTime } from './fake-service.ts';
import type { FakeService } from './fake-service.ts';
import { createPortPair } from './port-pair.ts';

/** Any value with every member that its model has, those that may be left out included. */
function whole<Model>(members: {
  readonly [Name in keyof Model]-?: fc.Arbitrary<Exclude<Model[Name], undefined>>;
}) {
  return fc.record(members) as unknown as fc.Arbitrary<Model>;
}

const text = fc.string({ maxLength: 12 });
const texts = fc.array(text, { maxLength: 3 });
const amount = fc.nat();
const byText = fc.dictionary(fc.stringMatching(/^[a-z0-9/.]{1,9}$/), text, { maxKeys: 3 });

const undo = whole<UndoNotes>({
  pausedBySentra: fc.boolean(),
  networks: fc.array(
    whole<DetachedNetwork>({
      networkId: text,
      networkName: text,
      aliases: texts,
      links: texts,
      ipv4: text,
      ipv6: text,
      addressCanReturn: fc.boolean(),
      isAddressGiven: fc.constant(true),
    }),
    { maxLength: 3 },
  ),
  ports: byText,
  restartPolicy: fc.record({ name: text, maximumRetryCount: amount }),
  limits: whole<NonNullable<UndoNotes['limits']>>({
    memoryBytes: amount,
    nanoCpus: amount,
    cpuQuota: amount,
    pids: amount,
  }),
  limitedTo: whole<KeptLimits>({
    cpus: amount,
    memoryBytes: amount,
    memorySwapBytes: fc.integer({ min: -1 }),
    pids: amount,
  }),
});

const containment = whole<Containment>({
  container: text,
  workload: text,
  name: text,
  depth: fc.constantFrom('frozen', 'quarantined', 'limited'),
  since: amount,
  undo,
  holes: texts,
});

const coverage = whole<Coverage>({
  sensor: fc.constantFrom(...sensorNames),
  sight: fc.oneof(
    fc.constantFrom<Sight>({ state: 'starting' }, { state: 'on-demand' }),
    whole<Extract<Sight, { state: 'seeing' }>>({
      state: fc.constant('seeing'),
      limits: texts,
      unguarded: fc.constant(true),
    }),
    whole<Extract<Sight, { state: 'partly' }>>({
      state: fc.constant('partly'),
      reason: text,
      limits: texts,
    }),
    whole<Extract<Sight, { state: 'blind' }>>({
      state: fc.constant('blind'),
      reason: text,
      lasting: fc.constant(true),
    }),
  ),
  since: amount,
  dropped: amount,
});

const finding = whole<Finding>({
  id: text,
  kind: fc.constantFrom(...findingKinds),
  workload: text,
  container: text,
  status: fc.constantFrom('open', 'closed'),
  severity: fc.constantFrom(...severities),
  score: amount,
  onsetAt: amount,
  at: amount,
  sentence: text,
  evidence: fc.array(
    whole<Evidence>({
      series: text,
      unit: fc.constantFrom(...evidenceUnits),
      observed: amount,
      expected: fc.record({ low: amount, high: amount }),
      recent: fc.array(fc.record({ at: amount, value: amount }), { maxLength: 3 }),
    }),
    { maxLength: 3 },
  ),
  technique: fc.record({ id: text, name: text }),
});

const decision = whole<Decision>({
  id: text,
  rule: text,
  finding: text,
  workload: text,
  container: text,
  mode: fc.constantFrom('observe', 'enforce'),
  actions: fc.array(
    fc.oneof(
      fc.constantFrom<PlannedAction>(
        { kind: 'notify' },
        { kind: 'pause' },
        { kind: 'kill' },
        { kind: 'quarantine' },
      ),
      whole<Extract<PlannedAction, { kind: 'stop' }>>({
        kind: fc.constant('stop'),
        graceSeconds: amount,
      }),
      whole<Extract<PlannedAction, { kind: 'limit' }>>({
        kind: fc.constant('limit'),
        cpus: amount,
        memoryBytes: amount,
        pids: amount,
      }),
    ),
    { maxLength: 3 },
  ),
  heldSince: amount,
  at: amount,
  muted: fc.constant(true),
});

/** What was done, and what was put back and what could not be. */
const action = whole<Action>({
  id: text,
  name: fc.constantFrom('pause', 'kill', 'stop', 'limit', 'quarantine', 'resume', 'release'),
  workload: text,
  container: text,
  requester: fc.oneof(
    fc.constant<Requester>({ kind: 'person' }),
    whole<Extract<Requester, { kind: 'policy' }>>({
      kind: fc.constant('policy'),
      decision: text,
      rule: text,
    }),
    whole<Extract<Requester, { kind: 'upkeep' }>>({ kind: fc.constant('upkeep'), reason: text }),
  ),
  startedAt: amount,
  finishedAt: amount,
  outcome: fc.oneof(
    fc.constantFrom<ActionOutcome>({ state: 'started' }, { state: 'would-have' }),
    whole<Extract<ActionOutcome, { state: 'proved' }>>({
      state: fc.constant('proved'),
      proof: text,
    }),
    whole<Extract<ActionOutcome, { state: 'partly' }>>({
      state: fc.constant('partly'),
      proof: text,
      holes: texts,
    }),
    fc.record({ state: fc.constantFrom('refused', 'failed'), reason: text }),
  ),
});

const workload = whole<Workload>({
  key: text,
  container: text,
  name: text,
  image: text,
  imageId: text,
  labels: byText,
  composeProject: text,
  composeService: text,
  state: fc.constantFrom('created', 'running', 'paused', 'restarting', 'exited', 'dead'),
  mainPid: amount,
  startedAt: amount,
  restartCount: amount,
  network: fc.oneof(
    fc.constantFrom<Workload['network']>({ kind: 'host' }, { kind: 'none' }),
    fc.record({ kind: fc.constant('own'), networks: texts }),
    fc.record({ kind: fc.constant('shared'), with: text }),
  ),
  limits: whole<Workload['limits']>({ memoryBytes: amount, cpus: amount, pids: amount }),
  runtime: text,
  restartPolicy: text,
});

async function connected(service: FakeService) {
  const ports = createPortPair();
  const about = { program: '0.1.0', engineId: 'ENGINE-1', logger: silentLogger };
  const end = serveMonitor(service, ports.server, about);
  const client = await createMonitorClient(ports.client, { program: '0.1.0' });
  if (!client.ok) throw new Error(client.error);
  return { client: client.value, end };
}

test('All that is known of a container arrives, also what most containers do not have.', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ workload, containment, coverage, finding, decision, action }),
      async (told) => {
        const view = fakeView(told.workload, {
          containment: told.containment,
          coverage: [told.coverage],
        });
        const service = createFakeService([view]);
        service.knownFindings = [told.finding];
        service.knownActions = [told.action];
        const at = scriptTime;
        const events: MonitorEvent[] = [
          { kind: 'workload', at, change: 'changed', view },
          { kind: 'finding', at, finding: told.finding },
          { kind: 'decision', at, decision: told.decision },
          { kind: 'action', at, action: told.action },
          { kind: 'coverage', at, workload: 'w', container: 'c', coverage: told.coverage },
        ];
        const { client, end } = await connected(service);
        const got: MonitorEvent[] = [];
        await client.subscribe({ onEvent: (event) => got.push(event), onLost: () => undefined });
        for (const event of events) service.emit(event);
        const query = { status: undefined, workload: undefined, limit: 10 };
        expect(await client.snapshot()).toEqual({ ok: true, value: service.state });
        expect(await client.findings(query)).toEqual({ ok: true, value: [told.finding] });
        expect(await client.actions({ limit: 10 })).toEqual({ ok: true, value: [told.action] });
        expect(got).toEqual(events);
        end('It is over.');
      },
    ),
    { numRuns: 50 },
  );
});

test('What an undo came to is answered whole to whoever asked for it.', async () => {
  const held = fakeView(fakeWorkload('builder', 'b0b0'));
  await fc.assert(
    fc.asyncProperty(action, async (outcome) => {
      const service = createFakeService([held]);
      service.outcome = () => Promise.resolve(outcome);
      const { client, end } = await connected(service);
      const answer = await client.act({ name: 'release', target: 'builder' });
      expect(answer).toEqual({ ok: true, value: outcome });
      end('It is over.');
    }),
    { numRuns: 25 },
  );
});

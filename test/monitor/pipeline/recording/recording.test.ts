import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Finding } from '../../../../monitor/model/finding.ts';
import type { Observation, ResourceObservation } from '../../../../monitor/model/observation.ts';
import type { RecordingEntry } from '../../../../monitor/model/recording.ts';
import { startMonitor } from '../../../../monitor/monitor.ts';
import { readRecording, startRecording } from '../../../../monitor/pipeline/recording/recording.ts';
import { replayedDetection, replayEntry } from '../../../../monitor/pipeline/recording/replay.ts';
import { startSimulator } from '../../../../monitor/simulator/simulator.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sentra-recording-'));
  file = join(folder, 'recording');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const head = { startedAt: 1_000, learnMs: 3_000, hostCpus: 2 };

/** The entries of a recording; throws where one is damaged. */
async function entriesOf(path: string): Promise<readonly RecordingEntry[]> {
  const read = await readRecording(path);
  if (!read.ok) throw new Error(read.error);
  const entries: RecordingEntry[] = [];
  for await (const entry of read.value.entries) {
    if (!entry.ok) throw new Error(entry.error);
    entries.push(entry.value);
  }
  return entries;
}

async function write(entries: readonly RecordingEntry[], path = file): Promise<void> {
  const started = startRecording(path, head, {
    // Each line is flushed, so that a cut may come anywhere.
    monotonic: (() => {
      let now = 0;
      return () => (now += 10_000);
    })(),
    onEnd: (reason) => {
      throw new Error(reason);
    },
  });
  if (!started.ok) throw new Error(started.error);
  for (const entry of entries) started.value.add(entry);
  await started.value.close();
}

const text = fc.string({ unit: 'binary', maxLength: 40 });
const amount = fc.double({ min: 0, max: 1e15, noNaN: true });
const container = fc.constantFrom('a'.repeat(64), 'b'.repeat(64));

const resource: fc.Arbitrary<ResourceObservation> = fc.record({
  kind: fc.constant('resource'),
  at: amount,
  workload: fc.constantFrom('image#one', 'image#two'),
  container,
  intervalMs: amount,
  cpuCores: amount,
  throttledShare: fc.double({ min: 0, max: 1, noNaN: true }),
  memoryBytes: amount,
  anonymousBytes: amount,
  cacheBytes: amount,
  memoryLimitBytes: amount,
  memoryLimited: fc.boolean(),
  faultsPerSecond: amount,
  pids: fc.nat(),
  pidsLimit: fc.option(fc.nat(), { nil: undefined }),
  forksRefused: fc.option(fc.nat(), { nil: undefined }),
  network: fc.option(
    fc.record({
      receivedBytes: amount,
      sentBytes: amount,
      receivedPackets: amount,
      sentPackets: amount,
    }),
    { nil: undefined },
  ),
  block: fc.option(fc.record({ readBytes: amount, writtenBytes: amount }), { nil: undefined }),
  carrier: fc.constantFrom('cgroup', 'stats'),
});

const other: fc.Arbitrary<Observation> = fc.oneof(
  fc.record({
    kind: fc.constant('process-start' as const),
    at: amount,
    workload: fc.constant('image#one'),
    container,
    pid: fc.nat(),
    parentPid: fc.nat(),
    uid: fc.nat(),
    program: text,
    parentProgram: text,
    programIsNew: fc.boolean(),
    inMemory: fc.boolean(),
    network: fc.option(fc.record({ input: fc.boolean(), output: fc.boolean(), peer: text }), {
      nil: undefined,
    }),
    arguments: fc.array(text, { maxLength: 5 }),
    fromOutside: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('host' as const),
    at: amount,
    loadPerCore: amount,
    memoryAvailableShare: amount,
    onBattery: fc.constant(undefined),
  }),
  fc.record({
    kind: fc.constant('syscalls' as const),
    at: amount,
    workload: fc.constant('image#two'),
    container,
    intervalMs: amount,
    counts: fc.dictionary(fc.stringMatching(/^[a-z][a-z_]{0,11}$/), fc.nat()),
    failed: fc.constant({}),
    lost: fc.nat(),
    lostCalls: fc.nat(),
  }),
  fc.record({
    kind: fc.constant('egress' as const),
    at: amount,
    workload: fc.constant('image#two'),
    container,
    mode: fc.constantFrom('observe' as const, 'enforce' as const),
    image: fc.option(text, { nil: undefined }),
    destinations: fc.constant([]),
    names: fc.array(fc.record({ name: text, refused: fc.boolean(), count: fc.nat() })),
    refusedKinds: fc.constant([{ kind: 'raw-frames' as const, packets: 3 }]),
    omitted: fc.nat(),
    omittedNames: fc.nat(),
    lostEntries: fc.nat(),
    breach: fc.option(text, { nil: undefined }),
  }),
);

const entry: fc.Arbitrary<RecordingEntry> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .oneof(resource, other)
      .map((observation): RecordingEntry => ({ kind: 'observation', observation })),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('begin' as const),
      workload: fc.constantFrom('image#one', 'image#two'),
      container,
      learned: fc.constant(undefined),
      open: fc.constant([]),
      sibling: fc.constant(undefined),
    }),
  },
);

describe('A recording', () => {
  test('gives back what was handed to it, in its order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 30 }), async (entries) => {
        rmSync(file, { force: true });
        await write(entries);
        // As JSON has it: minus zero is zero.
        const written = JSON.stringify([...entries, { kind: 'closed' }]);
        const readBack = await entriesOf(file);
        expect(JSON.parse(JSON.stringify(readBack))).toEqual(JSON.parse(written));
      }),
      { numRuns: 60 },
    );
  });

  test('whose end is missing gives all that came whole, and does not say that it was closed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, { minLength: 1, maxLength: 20 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        async (entries, share) => {
          rmSync(file, { force: true });
          await write(entries);
          const descriptor = openSync(file, 'r+');
          ftruncateSync(descriptor, Math.floor(statSync(file).size * share));
          closeSync(descriptor);
          const read = await readRecording(file);
          if (!read.ok) return;
          const left: unknown[] = [];
          for await (const each of read.value.entries) {
            expect(each.ok).toBe(true);
            if (each.ok && each.value.kind !== 'closed') left.push(each.value);
          }
          const whole = JSON.parse(JSON.stringify(entries)) as unknown[];
          expect(JSON.parse(JSON.stringify(left))).toEqual(whole.slice(0, left.length));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('that was cut in half has kept the half that was flushed', async () => {
    const observation: Observation = {
      kind: 'host',
      at: 1,
      loadPerCore: 1,
      memoryAvailableShare: 1,
      onBattery: undefined,
    };
    await write(
      Array.from({ length: 1_000 }, (_, at) => ({
        kind: 'observation',
        observation: { ...observation, at },
      })),
    );
    const descriptor = openSync(file, 'r+');
    ftruncateSync(descriptor, Math.floor(statSync(file).size / 2));
    closeSync(descriptor);
    const entries = await entriesOf(file);
    expect(entries.length).toBeGreaterThan(300);
    expect(entries.at(-1)?.kind).toBe('observation');
  });

  test('is readable by its owner alone, and overwrites nothing', async () => {
    await write([]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const again = startRecording(file, head, { monotonic: () => 0, onEnd: () => undefined });
    expect(again.ok).toBe(false);
  });

  test('is told from what is none, and from a damaged one', async () => {
    writeFileSync(file, 'nothing of the kind');
    expect((await readRecording(file)).ok).toBe(false);
    expect((await readRecording(join(folder, 'missing'))).ok).toBe(false);
  });
});

describe('Replayed', () => {
  test('a recording gives the same findings as the live monitor told, byte for byte', async () => {
    const kinds = ['memory-leak', 'fork-bomb', 'exfiltration', 'unexpected-exec'] as const;
    const simulator = await startSimulator({
      socketPath: join(folder, 'engine.sock'),
      seed: 7,
      plan: {
        networks: [],
        containers: (['coding', 'idle', 'building', 'busy'] as const).map((agent, index) => ({
          name: `agent-${index}`,
          agent,
          image: 'acme/agent',
          memoryLimitBytes: 512 * 1024 * 1024,
          pidsLimit: 400,
          incidents: [
            { kind: kinds[index] ?? 'miner', strength: 'strong', afterSeconds: 8 + index },
            { kind: 'unexpected-exec', afterSeconds: 17 + index },
          ],
        })),
      },
    });
    const live: Finding[] = [];
    for (const [round, path] of [file, `${file}-2`].entries()) {
      const started = await startMonitor({
        engine: `unix://${simulator.socketPath}`,
        policyFile: undefined,
        learnMs: 4_000,
        intervalMs: 200,
        stateFolder: folder,
        controlFolder: folder,
        simulate: false,
        byApi: false,
        recordFile: path,
      });
      if (!started.ok) throw new Error(JSON.stringify(started.error));
      live.length = 0;
      started.value.service.subscribe((event) => {
        if (event.kind === 'finding') live.push(event.finding);
      });
      await new Promise((resolve) => setTimeout(resolve, round === 0 ? 14_000 : 8_000));
      await started.value.stop();

      const read = await readRecording(path);
      if (!read.ok) throw new Error(read.error);
      const detection = replayedDetection(read.value.head);
      const replayed: Finding[] = [];
      for await (const each of read.value.entries) {
        if (!each.ok) throw new Error(each.error);
        replayed.push(...replayEntry(detection, each.value));
      }
      // The second monitor goes on with what the first had learned and found.
      expect(live.length).toBeGreaterThan(0);
      expect(JSON.stringify(replayed, null, 1)).toBe(JSON.stringify(live, null, 1));
    }
    await simulator.close();
  }, 120_000);
});

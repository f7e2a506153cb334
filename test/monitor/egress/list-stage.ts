import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBookFile } from '../../../monitor/egress/list/book-file.ts';
import type { StoredDeadlines } from '../../../monitor/egress/list/deadlines.ts';
import type { ListChange } from '../../../monitor/egress/list/change.ts';
import { createEgress, type Egress } from '../../../monitor/egress/egress.ts';
import type { StoredUses } from '../../../monitor/egress/past/rule-uses.ts';
import { createSimulatedCarrier } from '../../../monitor/egress/carrier/simulated-carrier.ts';
import { createMemoryNotes } from '../../../monitor/egress/wall/wall-record.ts';
import type { EgressObservation } from '../../../monitor/model/observation.ts';
import type { Workload } from '../../../monitor/model/workload.ts';
import { silentLogger } from '../../../monitor/runtime/logger.ts';
import { fakeWorkload } from '../rpc/fake-service.ts';

/** Walls around simulated containers, over a real file and with a clock that the test sets. */
export interface ListStage {
  readonly egress: Egress;
  readonly workload: Workload;
  readonly seen: readonly EgressObservation[];
  readonly file: string;
  pass(ms: number): void;
  /** Sets the machine's clock forth, or back, while no time passes. */
  setClock(byMs: number): void;
  now(): number;
  /** The rules of the list, as `allow example.com`. */
  rules(): readonly string[];
  /** Another monitor over the same file and records. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Opens one with a single running container. */
export function openListStage(change: Partial<Workload> = {}): ListStage {
  const folder = mkdtempSync(join(tmpdir(), 'sentra-lists-'));
  const file = join(folder, 'egress.json');
  const changes = new Map<string, readonly ListChange[]>();
  const uses = new Map<string, StoredUses>();
  const seen: EgressObservation[] = [];
  const workload = fakeWorkload('agent', 'a1', { imageId: 'sha256:one', ...change });
  let at = Date.UTC(2026, 5, 1, 12);
  let passed = 5000;
  let deadlines: StoredDeadlines = [];

  const open = (): Egress => {
    const egress = createEgress({
      carrier: createSimulatedCarrier(),
      notes: createMemoryNotes(),
      file: openBookFile(file, silentLogger),
      now: () => at,
      monotonic: () => passed,
      logger: silentLogger,
      show: () => undefined,
      onHeld: () => undefined,
      onObservation: (observation) => void seen.push(observation),
      periodMs: 3_600_000,
      unwatched: () => new Set(),
      isListed: () => true,
      changes: {
        read: (key) => changes.get(key) ?? [],
        write: (key, kept) => void changes.set(key, kept),
      },
      deadlines: { read: () => deadlines, write: (kept) => void (deadlines = kept) },
      uses: { read: (key) => uses.get(key), write: (key, kept) => void uses.set(key, kept) },
    });
    egress.know(workload);
    return egress;
  };
  let egress = open();

  return {
    get egress() {
      return egress;
    },
    workload,
    seen,
    file,
    pass(ms) {
      at += ms;
      passed += ms;
    },
    setClock(byMs) {
      at += byMs;
    },
    now: () => at,
    rules: () =>
      egress
        .list(workload)
        .rules.map(({ verdict, target, port }) => `${verdict} ${target}${port ? ` ${port}` : ''}`),
    async restart() {
      await egress.stop();
      // Of another process, which counts from elsewhere.
      passed = 70;
      egress = open();
    },
    async close() {
      await egress.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

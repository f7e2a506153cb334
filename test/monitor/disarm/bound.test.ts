import { beforeEach, describe, expect, test } from 'vitest';
import type { Containment, UndoNotes } from '../../../monitor/model/containment.ts';
import { boundOf, heldInWords } from '../../../monitor/pipeline/disarm/bound.ts';
import { commandsFor } from '../../../monitor/pipeline/disarm/docker-commands.ts';
import { nothingToUndo } from '../../../monitor/respond/undo-notes.ts';
import { createMemoryEngine, endpoint } from '../respond/memory-engine.ts';
import type { MemoryContainer, MemoryEngine } from '../respond/memory-engine.ts';

let engine: MemoryEngine;
beforeEach(() => {
  engine = createMemoryEngine();
});

const add = (more: Partial<MemoryContainer> = {}): MemoryContainer =>
  engine.add({ name: 'coder', endpoints: [endpoint('bridge')], ...more });

async function boundNow(
  { id }: MemoryContainer,
  { kept, hasRecord = true }: { kept?: Containment; hasRecord?: boolean } = {},
) {
  const detail = await engine.inspect(id);
  if (!detail.ok) throw new Error(detail.error.message);
  return boundOf(detail.value, kept, hasRecord, engine.about);
}

const containment = (container: string, undo: Partial<UndoNotes>): Containment => ({
  container,
  workload: 'coder',
  name: 'coder',
  depth: 'frozen',
  since: Date.UTC(2026, 10, 27, 12, 30),
  undo: { ...nothingToUndo, ...undo },
  holes: [],
});

const network = (name: string) => ({
  networkId: `net-${name}`,
  networkName: name,
  aliases: ['api'],
  ipv4: '172.20.0.9',
  ipv6: undefined,
  addressCanReturn: true,
});

describe('A container that is not free after disarming', () => {
  test('is not named when nothing binds it.', async () => {
    expect(await boundNow(add())).toBeUndefined();
    // Limits are named only where no record says whose they are.
    expect(await boundNow(add({ name: 'other', pids: 100 }))).toBeUndefined();
  });

  test('is named when it is paused, with what lets it run, and who did it as far as is known.', async () => {
    const paused = add({ state: 'paused' });
    const id = paused.id.slice(0, 12);
    expect(await boundNow(paused)).toMatchObject({
      words: 'It is paused; Sentra’s record does not say that Sentra did that.',
      commands: [`docker unpause ${id}`],
    });
    expect(await boundNow(paused, { hasRecord: false })).toMatchObject({
      words: expect.stringContaining('no record says whether Sentra did that') as string,
      commands: [`docker unpause ${id}`, `docker update --restart=POLICY ${id}`],
    });
  });

  test('is named when it is on no network, and not when it was made so or has another’s.', async () => {
    const alone = await boundNow(add({ endpoints: [] }));
    expect(alone?.words).toContain('It is on no network');
    expect(alone?.commands.at(-1)).toMatch(/^docker network connect NETWORK [0-9a-f]{12}$/);
    for (const attachment of ['host', 'none', 'shared'] as const) {
      expect(await boundNow(add({ name: attachment, endpoints: [], attachment }))).toBeUndefined();
    }
  });

  test('is named by its limits where there is no record, with what takes them away.', async () => {
    const limited = await boundNow(add({ memoryBytes: 512_000_000, nanoCpus: 5e8, pids: 100 }), {
      hasRecord: false,
    });
    expect(limited?.words).toContain('0.5 cores, 512000000 bytes of memory, 100 processes');
    expect(limited?.commands).toEqual([
      expect.stringMatching(
        /^docker update --memory=8000000000 --memory-swap=16000000000 --cpus=4 --pids-limit=-1 \w+$/,
      ),
    ]);
  });

  test('is named with all that the record says was taken and is not back, in the order to put it back.', async () => {
    const held = add({ state: 'paused', endpoints: [endpoint('team')], pids: 10 });
    const kept = containment(held.id, {
      pausedBySentra: true,
      networks: [network('bridge'), network('team')],
      restartPolicy: { name: 'on-failure', maximumRetryCount: 3 },
      limits: { memoryBytes: undefined, nanoCpus: undefined, pids: 400 },
    });
    const id = held.id.slice(0, 12);
    expect(await boundNow(held, { kept })).toEqual({
      container: held.id,
      name: 'coder',
      words:
        'It is still cut off from bridge. It is still limited: no CPU limit, no memory limit, 10 processes. Its restart policy is still held down. It is still paused.',
      commands: [
        `docker update --pids-limit=400 ${id}`,
        `docker network connect --ip=172.20.0.9 --alias=api bridge ${id}`,
        `docker update --restart=on-failure:3 ${id}`,
        `docker unpause ${id}`,
      ],
    });
    expect(heldInWords(kept)).toBe(
      'paused, cut off from bridge, team, its restart policy on-failure held down, limited, since 2026-11-27 12:30:00 UTC',
    );
  });
});

test('What a person is to type is one word a name, whatever the engine calls it.', () => {
  const step = {
    kind: 'network',
    network: { ...network("x'; rm -rf ~ #"), aliases: ['$(id)'] },
  } as const;
  expect(commandsFor('a'.repeat(64), [step])).toEqual([
    String.raw`docker network connect --ip=172.20.0.9 --alias='$(id)' 'x'\''; rm -rf ~ #' aaaaaaaaaaaa`,
  ]);
});

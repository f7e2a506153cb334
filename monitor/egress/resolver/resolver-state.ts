import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import type { ContainerId } from '../../model/workload.ts';
import type { ResolverState } from '../carrier/carrier.ts';
import { folderOf } from '../wall/wall-record.ts';

const noteSchema = z.object({ pid: z.number(), startedAt: z.string() });

type ResolverNote = Readonly<z.infer<typeof noteSchema>>;

/** Tells the resolvers that Sentra started from what else may have got into their cgroups. */
export interface ResolverStates {
  /** The process was started as the container's resolver. Throws when that cannot be written down. */
  note(container: ContainerId, pid: number): void;
  stateOf(container: ContainerId, pids: readonly number[]): ResolverState;
  /**
   * Ends the container's resolver, wherever somebody may have moved it, and waits until it has: for as long
   * as it is on its way no other can have its port.
   */
  end(container: ContainerId): Promise<void>;
  forget(container: ContainerId): void;
}

/** A process, as /proc/PID/stat tells of it, proc(5): the start in the kernel's ticks. */
export interface ProcessFacts {
  readonly state: string;
  readonly parent: number;
  readonly startedAt: string;
}

/** Knows what an earlier run has written down. `factsOf` tells of processes of the engine's host. */
export function createResolverStates(
  factsOf: (pid: number) => ProcessFacts | undefined = factsHere,
): ResolverStates {
  const known = new Map<ContainerId, ResolverNote>();
  const exists = (pid: number): boolean => factsOf(pid) !== undefined;

  function noted(container: ContainerId): ResolverNote | undefined {
    const note = known.get(container) ?? readNote(container);
    if (note !== undefined) known.set(container, note);
    return note;
  }

  return {
    note(container, pid) {
      const note = { pid, startedAt: factsOf(pid)?.startedAt ?? '' };
      known.set(container, note);
      mkdirSync(folderOf(container), { recursive: true, mode: 0o700 });
      writeFileSync(fileOf(container), JSON.stringify(note), { mode: 0o600 });
    },
    stateOf(container, pids) {
      if (pids.length === 0) return 'absent';
      const note = noted(container);
      // It makes a child for each question by TCP; there is nothing else in its cgroup.
      const isOurs = pids.every(
        (pid) => pid === note?.pid || factsOf(pid)?.parent === note?.pid || !exists(pid),
      );
      if (!isOurs || (note !== undefined && !pids.includes(note.pid))) return 'replaced';
      const main = note === undefined ? undefined : factsOf(note.pid);
      if (main?.startedAt !== note?.startedAt) return pids.some(exists) ? 'replaced' : 'absent';
      return main !== undefined && !haltedStates.has(main.state) ? 'runs' : 'absent';
    },
    async end(container) {
      const note = noted(container);
      for (let tries = 0; tries < mostTries && note !== undefined; tries += 1) {
        const facts = factsOf(note.pid);
        if (facts?.startedAt !== note.startedAt || endedStates.has(facts.state)) return;
        try {
          process.kill(note.pid, 'SIGKILL');
        } catch {
          return;
        }
        await delay(tries < 10 ? 1 : 10);
      }
    },
    forget: (container) => void known.delete(container),
  };
}

/** Dead, and not yet taken note of: its sockets are closed. */
const endedStates: ReadonlySet<string> = new Set(['Z', 'X']);

/** Two seconds in all, for one that ends on a busy machine. */
const mostTries = 200;

/** Stopped, traced, dead: it is there and answers nobody. */
const haltedStates: ReadonlySet<string> = new Set(['T', 't', 'Z', 'X']);

/** Of a process of this machine. */
function factsHere(pid: number): ProcessFacts | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', parent: Number(fields[1]), startedAt: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

function fileOf(container: ContainerId): string {
  return join(folderOf(container), 'resolver.json');
}

function readNote(container: ContainerId): ResolverNote | undefined {
  try {
    const parsed = noteSchema.safeParse(JSON.parse(readFileSync(fileOf(container), 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

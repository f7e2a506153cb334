import { randomBytes } from 'node:crypto';
import type { HelperCalls } from '../engine/helper-calls.ts';
import type { HelperWay } from '../engine/helper-shape.ts';
import type { EngineError } from '../engine/port.ts';
import { failed, ok, type Result } from '../runtime/result.ts';
import type { HelperDoor } from './helper-door.ts';
import { keyBytes } from './sealed-frames.ts';

export type Sleep = (ms: number) => Promise<void>;

/** What the engine says of a failure, in one line. */
export const sentence = ({ message, advice }: EngineError): string => `${message} ${advice}`;

interface StartParts {
  readonly calls: HelperCalls;
  readonly door: HelperDoor;
}

/** How long an end may take to be known to the engine; milliseconds. */
const engineMs = 5000;

/** Whether it can be started: its network may have been pruned while it did not run. */
export async function hasNetwork(calls: HelperCalls, way: HelperWay): Promise<boolean> {
  if (way.kind === 'socket') return true;
  const found = await calls.network();
  return !found.ok || found.value === 'ours';
}

/** Whether its network is there. The failure is a sentence: one of somebody else's has its name. */
export async function findNetwork(calls: HelperCalls): Promise<Result<boolean, string>> {
  const found = await calls.network();
  if (!found.ok) return failed(sentence(found.error));
  if (found.value !== 'other') return ok(found.value === 'ours');
  return failed('A network that is not Sentra’s bears the name sentra-helper: remove it.');
}

/** Makes it unless it is there; the failure is a sentence. */
export async function makeNetwork(calls: HelperCalls): Promise<Result<void, string>> {
  const found = await findNetwork(calls);
  if (!found.ok) return found;
  if (found.value) return ok(undefined);
  const made = await calls.createNetwork();
  return made.ok ? ok(undefined) : failed(sentence(made.error));
}

/** Removes the network that is Sentra's, also one that was left by a helper that is gone. */
export async function removeNetwork(calls: HelperCalls): Promise<Result<void, string>> {
  const found = await calls.network();
  if (!found.ok) return failed(sentence(found.error));
  if (found.value !== 'ours') return ok(undefined);
  const removed = await calls.removeNetwork();
  if (removed.ok || removed.error.kind === 'gone') return ok(undefined);
  return failed(sentence(removed.error));
}

/**
 * Starts the helper that does not run. One by port gets a key that was never used: it is in the memory
 * of that helper and of this process, and nowhere else, so that nobody finds it in a file.
 */
export async function startOn(
  { calls, door }: StartParts,
  way: HelperWay,
): Promise<Result<void, string>> {
  if (way.kind === 'socket') {
    door.lead(undefined);
    const started = await calls.start();
    return started.ok ? ok(undefined) : failed(sentence(started.error));
  }
  const key = randomBytes(keyBytes);
  const started = await calls.startWith(Buffer.from(`${key.toString('hex')}\n`));
  if (!started.ok) return failed(sentence(started.error));
  const found = await calls.inspect();
  if (!found.ok) return failed(sentence(found.error));
  if (found.value?.port === undefined) {
    return failed('The engine leads no port of the loopback to the helper.');
  }
  door.lead({ port: found.value.port, key });
  return ok(undefined);
}

/** Ends one by port whose key this Sentra has not, and starts it with another. */
export async function startAnew(
  parts: StartParts,
  way: HelperWay,
  sleep: Sleep,
): Promise<Result<void, string>> {
  const ended = await parts.calls.end();
  // One that has ended by itself meanwhile cannot be ended.
  if (!ended.ok && ended.error.kind !== 'conflict') return failed(sentence(ended.error));
  for (let waited = 0; ; waited += 50) {
    const found = await parts.calls.inspect();
    if (!found.ok) return failed(sentence(found.error));
    if (found.value?.isRunning !== true) return startOn(parts, way);
    if (waited >= engineMs) return failed('The helper does not end.');
    await sleep(50);
  }
}

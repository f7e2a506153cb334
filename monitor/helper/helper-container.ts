import { join } from 'node:path';
import * as z from 'zod';
import type { HelperCalls, HelperContainer } from '../engine/helper-calls.ts';
import type { HelperWay } from '../engine/helper-shape.ts';
import { failed, ok, type Result } from '../runtime/result.ts';
import type { HelperClient } from './helper-client.ts';
import type { HelperImage } from './helper-image.ts';
import {
  findNetwork,
  hasNetwork,
  makeNetwork,
  removeNetwork,
  sentence,
  startAnew,
  startOn,
  type Sleep,
} from './helper-start.ts';
import type { HelperDoor } from './helper-door.ts';
import { helperProtocol } from './helper-request.ts';

/** What the helper says that it can do. */
export interface HelperAbilities {
  /** The kernel describes its types: system calls can be counted. */
  readonly kernelTypes: boolean;
  /** Where cgroups of resolvers are made, below /sys/fs/cgroup; undefined where there is no such place. */
  readonly hierarchy: string | undefined;
  readonly nft: boolean;
  readonly dnsmasq: boolean;
  readonly loader: boolean;
  readonly walls: boolean;
  /** The helper's own process, and its network by inode, which is the engine's. */
  readonly pid: number;
  readonly network: number;
}

/** What is known of the helper of an engine. */
export type HelperState =
  /** Nobody has installed one. */
  | { readonly name: 'absent' }
  | { readonly name: 'running'; readonly abilities: HelperAbilities }
  | { readonly name: 'failed'; readonly reason: string };

/** What installing, looking after and removing it takes. */
export interface HelperParts {
  readonly calls: HelperCalls;
  readonly client: HelperClient;
  readonly image: () => Result<HelperImage, string>;
  /** What the client goes through. */
  readonly door: HelperDoor;
  readonly ways: HelperWays;
}

/** The ways on which this person's helper may be reached. */
export interface HelperWays {
  /** This person's folder that the helper listens in; undefined where the engine is not on this machine. */
  readonly folder: string | undefined;
  /** By what this person's helper by port is known again: 32 hexadecimal digits. */
  readonly owner: string;
}

/** Where the helper listens in that folder. */
export function helperSocket(folder: string): string {
  return join(folder, 'helper.sock');
}

const helloSchema = z.object({
  protocol: z.literal(helperProtocol),
  hierarchy: z
    .string()
    .nullable()
    .transform((path) => path ?? undefined),
  kernelTypes: z.boolean(),
  nft: z.boolean(),
  dnsmasq: z.boolean(),
  loader: z.boolean(),
  walls: z.boolean(),
  pid: z.int().positive(),
  network: z.int().positive(),
});

/** Asks the helper what it can do. The error is a sentence: it does not answer, or is another version's. */
export async function greet(client: HelperClient): Promise<Result<HelperAbilities, string>> {
  const said = await client.ask({ verb: 'hello' });
  if (!said.ok) return said;
  try {
    const parsed = helloSchema.safeParse(JSON.parse(said.value.toString('utf8')));
    if (parsed.success) return ok(parsed.data);
  } catch {
    // Told like everything else that is not understood.
  }
  return failed('The helper speaks otherwise than this Sentra: sentra helper install renews it.');
}

/** Waits until it answers, for so many milliseconds, unless another has started it anew meanwhile. */
async function greetSoon(
  parts: HelperParts,
  sleep: Sleep,
  withinMs: number,
): Promise<Result<HelperAbilities, string>> {
  for (let waited = 0; ; waited += 100) {
    const said = await greet(parts.client);
    if (said.ok || waited >= withinMs || (await wasTakenOver(parts))) return said;
    await sleep(100);
  }
}

/** Whether it runs, and on another port than the one that it was started on here. */
async function wasTakenOver({ calls, door }: HelperParts): Promise<boolean> {
  const found = await calls.inspect();
  return found.ok && found.value?.isRunning === true && found.value.port !== door.port();
}

/**
 * A monitor of this person that runs starts a helper anew whose key it has not: so does whoever
 * installs, until it has answered here. From then on it is the monitor's.
 */
const mostStarts = 5;

/**
 * Creates the helper's container and starts it, in place of an older one; the person has agreed.
 * The image is handed to the engine unless it has it. The failure is a sentence.
 */
export async function installHelper(
  parts: HelperParts,
  way: HelperWay,
  sleep: Sleep,
): Promise<Result<HelperAbilities, string>> {
  const { calls, image, ways } = parts;
  const found = image();
  if (!found.ok) return found;
  const { tag, layer } = found.value;
  const older = await calls.inspect();
  if (!older.ok) return failed(sentence(older.error));
  if (older.value !== undefined) {
    const foreign = whyNotOurs(older.value, ways);
    if (foreign !== undefined) return failed(foreign);
  }
  const id = await loadImage(calls, found.value);
  if (!id.ok) return id;
  // A stranger's is found before anything is taken away. It is made after that: an older container
  // cannot be started on a network that was made anew.
  const network = way.kind === 'port' ? await findNetwork(calls) : ok(true);
  if (!network.ok) return network;
  if (older.value !== undefined) {
    const removed = await calls.remove();
    if (!removed.ok && removed.error.kind !== 'gone') return failed(sentence(removed.error));
  }
  const networked = way.kind === 'port' ? await makeNetwork(calls) : ok(undefined);
  if (!networked.ok) return networked;
  const created = await calls.create({ image: id.value, content: layer, way });
  if (!created.ok) return failed(`${sentence(created.error)} (${tag})`);
  const greeted = async (started: Result<void, string>) =>
    started.ok ? await greetSoon(parts, sleep, 10_000) : started;
  let said = await greeted(await startOn(parts, way));
  for (
    let starts = 1;
    starts < mostStarts && !said.ok && (await wasTakenOver(parts));
    starts += 1
  ) {
    said = await greeted(await startAnew(parts, way, sleep));
  }
  if (said.ok) return said;
  const now = await calls.inspect();
  const ended =
    now.ok && now.value?.isRunning === false ? ` It ended with ${now.value.exitCode}.` : '';
  // One that cannot be reached is of no use, and is root there all the same.
  await calls.remove();
  if (way.kind === 'port') await removeNetwork(calls);
  return failed(
    `The helper was made and cannot be reached, so it was removed again. ${said.error}${ended} ` +
      adviceFor[way.kind],
  );
}

const adviceFor = {
  socket: 'Where the engine is in a virtual machine, it takes: sentra helper install --port',
  port: 'What the engine publishes has to arrive at this machine’s loopback.',
} as const;

/** The engine's id of the image, which has the content that was built and no other. */
async function loadImage(calls: HelperCalls, image: HelperImage): Promise<Result<string, string>> {
  const isIt = (layers: readonly string[]): boolean =>
    layers.length === 1 && layers[0] === image.layer;
  const before = await calls.image(image.tag);
  if (!before.ok) return failed(sentence(before.error));
  if (before.value !== undefined && isIt(before.value.layers)) return ok(before.value.id);
  const loaded = await calls.load(image.read());
  if (!loaded.ok) return failed(sentence(loaded.error));
  const after = await calls.image(image.tag);
  if (!after.ok) return failed(sentence(after.error));
  if (after.value !== undefined && isIt(after.value.layers)) return ok(after.value.id);
  return failed(`The engine's image ${image.tag} is another than the one that was handed to it.`);
}

/**
 * Why the container with the helper's name is not the helper of whoever has those ways, or of anybody
 * where they are undefined; undefined when it is.
 */
export function whyNotOurs(
  { content, way }: HelperContainer,
  ways: HelperWays | undefined,
): string | undefined {
  if (content === undefined || way === undefined) {
    return 'A container that is not Sentra’s bears the name sentra-helper: rename it.';
  }
  if (ways === undefined) return undefined;
  if (way.kind === 'socket') {
    if (way.folder === ways.folder) return undefined;
    return `The helper on this engine was installed for another folder, ${way.folder}.`;
  }
  if (way.owner === ways.owner) return undefined;
  return 'The helper on this engine was installed by another person’s Sentra.';
}

/**
 * Looks after the helper that was installed: starts it when it has ended, and makes it anew when it is
 * another version's. Never installs one where there is none: that takes the person's word.
 */
export async function keepHelper(parts: HelperParts, sleep: Sleep): Promise<HelperState> {
  const { calls, ways } = parts;
  const found = await calls.inspect();
  if (!found.ok) return { name: 'failed', reason: sentence(found.error) };
  if (found.value === undefined) return { name: 'absent' };
  const foreign = whyNotOurs(found.value, ways);
  const { way } = found.value;
  if (foreign !== undefined || way === undefined) return { name: 'failed', reason: foreign ?? '' };
  const image = parts.image();
  const isOther = image.ok && found.value.content !== image.value.layer;
  const isBare = !found.value.isRunning && !(await hasNetwork(calls, way));
  if (isOther || isBare) return stateOf(await installHelper(parts, way, sleep));
  const begun = await begin(parts, found.value, way, sleep);
  if (!begun.ok) return { name: 'failed', reason: begun.error };
  const said = await greetSoon(parts, sleep, 3000);
  if (said.ok) return stateOf(said);
  const now = await calls.inspect();
  const ended = now.ok && now.value?.isRunning === false ? now.value : undefined;
  if (ended === undefined) return stateOf(said);
  const why = ended.problem === '' ? 'See: docker logs sentra-helper' : ended.problem;
  return { name: 'failed', reason: `The helper ended with code ${ended.exitCode}. ${why}` };
}

/** Has it run, with a key that this Sentra has where it takes one. */
async function begin(
  parts: HelperParts,
  container: HelperContainer,
  way: HelperWay,
  sleep: Sleep,
): Promise<Result<void, string>> {
  if (!container.isRunning) return startOn(parts, way);
  if (way.kind === 'socket') {
    parts.door.lead(undefined);
    return ok(undefined);
  }
  // The one that this Sentra has started, on that very port, has its key.
  const isKnown = parts.door.port() !== undefined && parts.door.port() === container.port;
  if (isKnown && (await greet(parts.client)).ok) return ok(undefined);
  return startAnew(parts, way, sleep);
}

/**
 * Ends the helper and removes its container, network and image. Walls stay; `disarm` takes those. Where
 * `ways` are undefined it is whoever's helper that is there.
 */
export async function removeHelper({
  calls,
  image,
  ways,
}: Pick<HelperParts, 'calls' | 'image'> & {
  readonly ways: HelperWays | undefined;
}): Promise<Result<'removed' | 'absent', string>> {
  const found = await calls.inspect();
  if (!found.ok) return failed(sentence(found.error));
  if (found.value !== undefined) {
    const foreign = whyNotOurs(found.value, ways);
    if (foreign !== undefined) return failed(foreign);
    const removed = await calls.remove();
    if (!removed.ok && removed.error.kind !== 'gone') return failed(sentence(removed.error));
  }
  // Without a container too: an installation, or a removal, may have broken off in the middle.
  const left = await removeNetwork(calls);
  if (!left.ok) return left;
  const built = image();
  // An image that is missing, or that something else was made from, is no reason to fail.
  if (built.ok) await calls.removeImage(built.value.tag);
  return ok(found.value === undefined ? 'absent' : 'removed');
}

function stateOf(said: Result<HelperAbilities, string>): HelperState {
  return said.ok
    ? { name: 'running', abilities: said.value }
    : { name: 'failed', reason: said.error };
}

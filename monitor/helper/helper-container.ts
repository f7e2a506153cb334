import { join } from 'node:path';
import * as z from 'zod';
import type { HelperCalls, HelperContainer } from '../engine/helper-calls.ts';
import type { EngineError } from '../engine/port.ts';
import { failed, ok, type Result } from '../runtime/result.ts';
import type { HelperClient } from './helper-client.ts';
import type { HelperImage } from './helper-image.ts';
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
  /** This person's folder on the engine's host that the helper listens in, private to the person. */
  readonly folder: string;
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

/** Waits until it answers, for so many milliseconds. */
async function greetSoon(
  client: HelperClient,
  sleep: (ms: number) => Promise<void>,
  withinMs: number,
): Promise<Result<HelperAbilities, string>> {
  for (let waited = 0; ; waited += 100) {
    const said = await greet(client);
    if (said.ok || waited >= withinMs) return said;
    await sleep(100);
  }
}

const sentence = ({ message, advice }: EngineError): string => `${message} ${advice}`;

/**
 * Creates the helper's container and starts it, in place of an older one; the person has agreed.
 * The image is handed to the engine unless it has it. The failure is a sentence.
 */
export async function installHelper(
  { calls, client, image, folder }: HelperParts,
  sleep: (ms: number) => Promise<void>,
): Promise<Result<HelperAbilities, string>> {
  const found = image();
  if (!found.ok) return found;
  const { tag, layer } = found.value;
  const older = await calls.inspect();
  if (!older.ok) return failed(sentence(older.error));
  if (older.value !== undefined) {
    const foreign = whyNotOurs(older.value, folder);
    if (foreign !== undefined) return failed(foreign);
  }
  const id = await loadImage(calls, found.value);
  if (!id.ok) return id;
  if (older.value !== undefined) {
    const removed = await calls.remove();
    if (!removed.ok && removed.error.kind !== 'gone') return failed(sentence(removed.error));
  }
  const created = await calls.create({ image: id.value, content: layer, folder });
  if (!created.ok) return failed(`${sentence(created.error)} (${tag})`);
  const started = await calls.start();
  if (!started.ok) return failed(sentence(started.error));
  const said = await greetSoon(client, sleep, 10_000);
  if (said.ok) return said;
  const now = await calls.inspect();
  const ended =
    now.ok && now.value?.isRunning === false ? ` It ended with ${now.value.exitCode}.` : '';
  // One that cannot be reached is of no use, and is root there all the same.
  await calls.remove();
  return failed(
    `The helper was started and cannot be reached, so it was removed again. ${said.error}${ended} ` +
      'An engine in a virtual machine cannot have one.',
  );
}

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
 * Why the container with the helper's name is not the helper of whoever has that folder, or of anybody
 * where it is undefined; undefined when it is.
 */
export function whyNotOurs(
  container: HelperContainer,
  folder: string | undefined,
): string | undefined {
  if (container.content === undefined || container.folder === undefined) {
    return 'A container that is not Sentra’s bears the name sentra-helper: rename it.';
  }
  if (folder !== undefined && container.folder !== folder) {
    return `The helper on this engine was installed for another folder, ${container.folder}.`;
  }
  return undefined;
}

/**
 * Looks after the helper that was installed: starts it when it has ended, and makes it anew when it is
 * another version's. Never installs one where there is none: that takes the person's word.
 */
export async function keepHelper(
  parts: HelperParts,
  sleep: (ms: number) => Promise<void>,
): Promise<HelperState> {
  const { calls, client, folder } = parts;
  const found = await calls.inspect();
  if (!found.ok) return { name: 'failed', reason: sentence(found.error) };
  if (found.value === undefined) return { name: 'absent' };
  const foreign = whyNotOurs(found.value, folder);
  if (foreign !== undefined) return { name: 'failed', reason: foreign };
  const image = parts.image();
  const isOther = image.ok && found.value.content !== image.value.layer;
  if (isOther) return stateOf(await installHelper(parts, sleep));
  if (!found.value.isRunning) {
    const started = await calls.start();
    if (!started.ok) return { name: 'failed', reason: sentence(started.error) };
  }
  const said = await greetSoon(client, sleep, 3000);
  if (said.ok) return stateOf(said);
  const now = await calls.inspect();
  const ended = now.ok && now.value?.isRunning === false ? now.value : undefined;
  if (ended === undefined) return stateOf(said);
  const why = ended.problem === '' ? 'See: docker logs sentra-helper' : ended.problem;
  return { name: 'failed', reason: `The helper ended with code ${ended.exitCode}. ${why}` };
}

/**
 * Ends the helper and removes its container and image. Walls stay; `disarm` takes those. Without a
 * folder it is whoever's helper that is there.
 */
export async function removeHelper({
  calls,
  image,
  folder,
}: Pick<HelperParts, 'calls' | 'image'> & {
  readonly folder: string | undefined;
}): Promise<Result<'removed' | 'absent', string>> {
  const found = await calls.inspect();
  if (!found.ok) return failed(sentence(found.error));
  if (found.value === undefined) return ok('absent');
  const foreign = whyNotOurs(found.value, folder);
  if (foreign !== undefined) return failed(foreign);
  const removed = await calls.remove();
  if (!removed.ok) return failed(sentence(removed.error));
  const built = image();
  // An image that is missing, or that something else was made from, is no reason to fail.
  if (built.ok) await calls.removeImage(built.value.tag);
  return ok('removed');
}

function stateOf(said: Result<HelperAbilities, string>): HelperState {
  return said.ok
    ? { name: 'running', abilities: said.value }
    : { name: 'failed', reason: said.error };
}

import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './command.ts';
import { demand } from './engine-http.ts';
import { imageWorkDirectory } from './image-work.ts';
import { asRoot } from './privilege.ts';

/** The images tests can use; the engine knows them as `sentra-test/NAME`. */
export type ImageName = 'busybox' | 'debian';

/** What the Debian image holds beside the smallest Debian there is. */
const DEBIAN_PACKAGES = [
  'ca-certificates',
  'curl',
  'gcc',
  'git',
  'iproute2',
  'libc6-dev',
  'make',
  'procps',
  'python3',
  'stress-ng',
  'xz-utils',
];

const CACHE = fileURLToPath(new URL('../../.cache/test-images', import.meta.url));
const BUILD = fileURLToPath(new URL('./build-image.sh', import.meta.url));

/** The tar file of an image's root. Its name changes with what goes into it. */
export function imageFile(image: ImageName): string {
  const content = image === 'debian' ? `bookworm 2 ${DEBIAN_PACKAGES.join(' ')}` : 'busybox 1';
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  return join(CACHE, `${image}-${hash}.tar`);
}

/**
 * Makes the image's tar file unless it is there. Needs root; busybox takes 50 ms, Debian about a
 * minute and the network. Throws with the last lines of what went wrong.
 */
export async function buildImage(image: ImageName): Promise<void> {
  const file = imageFile(image);
  if (existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  const owner = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
  // The build has mounts and processes of its own that end with it, also when this process dies.
  const apart = ['setpriv', '--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--fork'];
  const [command = '', ...args] = asRoot([
    ...apart,
    ...['--kill-child', '--mount-proc', 'sh', BUILD, image, unfinished, owner],
    DEBIAN_PACKAGES.join(','),
    imageWorkDirectory(),
  ]);
  try {
    await run(command, args, { timeoutMs: 600_000 });
    renameSync(unfinished, file);
  } finally {
    rmSync(unfinished, { force: true });
  }
  for (const name of readdirSync(CACHE)) {
    const old = name.startsWith(`${image}-`) && name.endsWith('.tar');
    if (old && join(CACHE, name) !== file) rmSync(join(CACHE, name), { force: true });
  }
}

/** Gives the images to an engine, as `docker import` does; Debian's takes some seconds. */
export async function importImages(socketPath: string, images: readonly ImageName[]) {
  for (const image of images) {
    await buildImage(image);
    const query = new URLSearchParams({
      fromSrc: '-',
      repo: `sentra-test/${image}`,
      tag: 'latest',
    });
    const body = createReadStream(imageFile(image));
    const path = `/images/create?${query.toString()}`;
    const said = await demand(socketPath, 'POST', path, { body, timeoutMs: 180_000 });
    // The status is sent before the work: an error comes as a line of the answer.
    if (JSON.stringify(said).includes('errorDetail')) {
      throw new Error(`The engine did not import ${image}: ${JSON.stringify(said)}`);
    }
  }
}

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { messageOf } from '../runtime/logger.ts';
import { failed, ok, type Result } from '../runtime/result.ts';

/** The image of the helper that belongs to this Sentra. */
export interface HelperImage {
  /** As the engine is to call it. */
  readonly tag: string;
  /** The digest of its one layer, so of all that it holds. */
  readonly layer: string;
  /** The image as `docker load` takes it; some 12 MB. */
  read(): Uint8Array;
}

const noteSchema = z.object({
  tag: z.string().regex(/^sentra-helper:[0-9a-f]{12}$/),
  layer: z.string().regex(/^sha256:[0-9a-f]{64}$/),
});

/** Finds what `scripts/helper-image.mjs` built, above the running code; else says what to do. */
export function findHelperImage(from: string = import.meta.dirname): Result<HelperImage, string> {
  for (let folder = from; ; folder = dirname(folder)) {
    const built = join(folder, 'dist', 'helper');
    const archive = join(built, 'image.tar');
    if (existsSync(join(built, 'image.json')) && existsSync(archive)) {
      try {
        const note = noteSchema.parse(JSON.parse(readFileSync(join(built, 'image.json'), 'utf8')));
        return ok({ ...note, read: () => readFileSync(archive) });
      } catch (error) {
        return failed(`The helper's image in ${built} cannot be used: ${messageOf(error)}`);
      }
    }
    if (folder === dirname(folder)) break;
  }
  return failed(
    'The helper’s image is not built: on Linux install clang, libbpf-dev, libelf-dev, zlib1g-dev, ' +
      'nettle-dev, nftables and dnsmasq-base, and run: node scripts/helper-image.mjs',
  );
}

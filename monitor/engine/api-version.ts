import { failed, ok, type Result } from '../runtime/result.ts';
import type { EngineError } from './port.ts';
import { quoted } from './engine-error.ts';

/** The oldest API that Sentra is written for (Docker 19.03). */
export const oldestApi = '1.40';

/** The newest API that Sentra is written for; newer engines still speak it. */
export const newestApi = '1.47';

/**
 * The version to speak: the newest that both sides know. `theirs` is the newest the engine speaks,
 * `theirOldest` the oldest it still accepts, empty where it does not say.
 */
export function negotiateApi(theirs: string, theirOldest: string): Result<string, EngineError> {
  const newest = minorOf(theirs);
  const oldest = theirOldest === '' ? 0 : minorOf(theirOldest);
  if (newest === undefined || oldest === undefined) {
    return failed({
      kind: 'garbage',
      message: `The engine calls its API version "${quoted(theirs)}", from "${quoted(theirOldest)}" on.`,
      advice: 'Check that the endpoint is a Docker engine.',
    });
  }
  if (newest < Number(minorOf(oldestApi))) {
    return failed({
      kind: 'failed',
      message: `The engine speaks API ${theirs} at most; Sentra needs ${oldestApi}.`,
      advice: 'Update the engine to Docker 19.03 or newer.',
    });
  }
  if (oldest > Number(minorOf(newestApi))) {
    return failed({
      kind: 'failed',
      message: `The engine accepts API ${theirOldest} and newer only; Sentra speaks up to ${newestApi}.`,
      advice: 'Update Sentra, or start the engine with DOCKER_MIN_API_VERSION=1.44.',
    });
  }
  return ok(`1.${Math.min(newest, Number(minorOf(newestApi)))}`);
}

function minorOf(version: string): number | undefined {
  const match = /^1\.(\d{1,3})$/.exec(version);
  return match === null ? undefined : Number(match[1]);
}

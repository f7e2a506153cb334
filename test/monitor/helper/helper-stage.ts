import type { HelperWay } from '../../../monitor/engine/helper-shape.ts';
import type { HelperParts } from '../../../monitor/helper/helper-container.ts';

/** The folder in which the helper listens, where it does so by a socket. */
export function folderOf({ ways }: Pick<HelperParts, 'ways'>): string {
  if (ways.folder === undefined) throw new Error('The engine is not on this machine.');
  return ways.folder;
}

export function socketWay(parts: Pick<HelperParts, 'ways'>): HelperWay {
  return { kind: 'socket', folder: folderOf(parts) };
}

export function portWay({ ways }: Pick<HelperParts, 'ways'>): HelperWay {
  return { kind: 'port', owner: ways.owner };
}

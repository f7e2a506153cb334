import { readdirSync } from 'node:fs';
import type { ContainerId } from '../../model/workload.ts';
import { expectSystemError } from './held-file.ts';

/**
 * Looks into the folders in which the engine makes its containers' cgroups, for containers that
 * nobody told of. A look costs some microseconds, a list from the engine a thousand times that.
 */
export interface CgroupRoster {
  /** A container's own folder; the one around it is looked into as long as it is here. */
  add(container: ContainerId, folder: string): void;
  remove(container: ContainerId): void;
  /** Whether there is a folder to look into. */
  isWatching(): boolean;
  /** Tells the containers found, each once. */
  look(onFound: (container: ContainerId) => void): void;
}

/** Containers that are remembered as told, at most; beyond it they are told again. */
const mostRemembered = 10_000;
const containerId = /[0-9a-f]{64}/;

/** A roster without folders. */
export function createCgroupRoster(): CgroupRoster {
  const parents = new Map<ContainerId, string>();
  const told = new Set<string>();

  function lookInto(parent: string, onFound: (container: ContainerId) => void): void {
    for (const name of namesIn(parent)) {
      if (told.has(name)) continue;
      if (told.size >= mostRemembered) told.clear();
      told.add(name);
      const found = containerId.exec(name)?.[0];
      if (found !== undefined) onFound(found);
    }
  }

  return {
    add(container, folder) {
      parents.set(container, folder.slice(0, folder.lastIndexOf('/')));
    },
    remove(container) {
      parents.delete(container);
    },
    isWatching: () => parents.size > 0,
    look(onFound) {
      for (const parent of new Set(parents.values())) lookInto(parent, onFound);
    },
  };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    expectSystemError(error);
    return [];
  }
}

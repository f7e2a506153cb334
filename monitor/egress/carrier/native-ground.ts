import { ok, type Result } from '../../runtime/result.ts';
import type { Place } from './carrier.ts';
import { engineSpaceOf, engineSpaceWith, type EngineSpace } from './engine-space.ts';
import type { GateGround, GateSpace } from '../gate/native-gate.ts';
import { putRuleset } from './nft-run.ts';
import { runningContainers } from './running-containers.ts';

/** The networks of this machine's engines, for a process that is root on it. */
export function nativeGround(toolFolders: readonly string[]): GateGround {
  const open = (space: Result<EngineSpace, string>): Result<GateSpace, string> =>
    space.ok
      ? ok({
          ...space.value,
          put: (ruleset) => putRuleset(space.value.descriptor, ruleset, toolFolders),
        })
      : space;
  return {
    find(places, inode) {
      let missing: Result<GateSpace, string> | undefined;
      // One that ended a moment ago is not to hide the others.
      for (const place of places) {
        const space = open(engineSpaceOf(place));
        if (space.ok) return space;
        missing ??= space;
      }
      return inode === undefined ? missing : open(engineSpaceWith(inode));
    },
    running: (inode) =>
      Promise.resolve(
        [...runningContainers()]
          .map(([container, pid]) => ({ container, pid }))
          .filter((place) => isIn(inode, place)),
      ),
  };
}

/** Whether the container's engine has its bridges in that network namespace. */
function isIn(inode: number, place: Place): boolean {
  const space = engineSpaceOf(place);
  if (!space.ok) return false;
  space.value.close();
  return space.value.inode === inode;
}

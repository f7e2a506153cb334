import type { Workload } from '../../model/workload.ts';
import type { AskedTally } from './asked-tally.ts';
import type { NameListener } from './name-listener.ts';

/** Where a guard has its names from. */
export interface NameSource {
  readonly nameOf: (address: string) => string | undefined;
  readonly asked: Pick<AskedTally, 'take' | 'takeOmitted'>;
}

/**
 * The names that are heard in the mode observe; there no resolver of Sentra's stands between, and the
 * container could forge what is heard.
 */
export function heardNames(
  listener: NameListener | undefined,
  workload: () => Workload,
): NameSource {
  let omitted = 0;
  return {
    nameOf(address) {
      const { mainPid } = workload();
      return mainPid === undefined ? undefined : listener?.nameOf(mainPid, address);
    },
    asked: {
      take() {
        const { mainPid } = workload();
        const taken = mainPid === undefined ? undefined : listener?.takeAsked(mainPid);
        omitted += taken?.omitted ?? 0;
        return taken?.names ?? [];
      },
      takeOmitted() {
        const told = omitted;
        omitted = 0;
        return told;
      },
    },
  };
}

import type { Sight } from '../../model/coverage.ts';
import type { EgressObservation } from '../../model/observation.ts';
import type { Workload } from '../../model/workload.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Asking } from '../ask/asking.ts';
import type { NameListener } from '../names/name-listener.ts';
import type { BookFile } from '../list/book-file.ts';
import type { Carrier } from '../carrier/carrier.ts';
import type { WallNotes } from '../wall/wall-record.ts';

/** What a guard works with. */
export interface GuardParts {
  readonly carrier: Carrier;
  readonly file: BookFile;
  readonly now: () => number;
  readonly logger: Logger;
  /** Those of this machine, unless told. */
  readonly notes?: WallNotes | undefined;
  /** Undefined takes the badge off. */
  readonly show: (workload: Workload, sight: Sight | undefined, dropped: number) => void;
  readonly onObservation: (observation: EgressObservation) => void;
  /** From proof to proof of a wall, milliseconds; default five minutes. */
  readonly proofMs?: number | undefined;
  /** The greatest time to live that resolvers tell, seconds; as it is shipped unless told. */
  readonly ttlSeconds?: number | undefined;
  /** Hears the names of what is only observed; undefined where that cannot be. */
  readonly listener?: NameListener | undefined;
  /** Undefined where connections cannot be held: then the mode ask refuses what nothing allows. */
  readonly asking?: Asking | undefined;
}

import type { Moment } from '../model/time.ts';
import type { Logger } from '../runtime/logger.ts';
import { messageOf } from '../runtime/logger.ts';
import { ok } from '../runtime/result.ts';
import type { Result } from '../runtime/result.ts';
import { openActions } from './actions.ts';
import type { ActionRecords } from './actions.ts';
import { openBaselines } from './baselines.ts';
import type { BaselineRecords } from './baselines.ts';
import { openContainments } from './containments.ts';
import type { ContainmentRecords } from './containments.ts';
import { openCoverage } from './coverage-changes.ts';
import type { CoverageRecords } from './coverage-changes.ts';
import type { Database } from './database.ts';
import { openDecisions } from './decisions.ts';
import type { DecisionRecords } from './decisions.ts';
import { openEgressDestinations } from './egress-destinations.ts';
import type { EgressRecords } from './egress-destinations.ts';
import { openFindings } from './findings.ts';
import type { FindingRecords } from './findings.ts';
import { openDatabase } from './open-database.ts';
import type { StoreOrigin } from './open-database.ts';
import { openPolicyVersions } from './policy-versions.ts';
import type { PolicyVersionRecords } from './policy-versions.ts';
import { openEgressKinds } from './egress-kinds.ts';
import type { EgressKindRecords } from './egress-kinds.ts';
import { openEgressNames } from './egress-names.ts';
import type { EgressNameRecords } from './egress-names.ts';
import { openRetention } from './retention.ts';
import type { Retention } from './retention.ts';
import { openSamples } from './samples.ts';
import type { SampleRecords } from './samples.ts';
import { openSettings } from './settings.ts';
import type { SettingRecords } from './settings.ts';
import { countRefusedRows } from './stored-document.ts';
import type { StoreError } from './store-error.ts';
import { openWorkloadIds, openWorkloads } from './workloads.ts';
import type { WorkloadRecords } from './workloads.ts';

/** What the record could not keep or read since it was opened. */
export interface StoreLoss {
  /** Observations that were never written. */
  readonly samples: number;
  /** Times that a stored row was left out because it is not what Sentra writes. */
  readonly refusedRows: number;
}

/**
 * The record: one SQLite file. Calls are synchronous and short. What `put` acknowledged survives the
 * death of the process at any moment; actions and containments survive a power cut too. Samples are
 * written by `samples.flush`.
 */
export interface Store {
  readonly origin: StoreOrigin;
  readonly workloads: WorkloadRecords;
  readonly baselines: BaselineRecords;
  readonly samples: SampleRecords;
  readonly findings: FindingRecords;
  readonly decisions: DecisionRecords;
  readonly actions: ActionRecords;
  readonly containments: ContainmentRecords;
  readonly coverage: CoverageRecords;
  readonly policyVersions: PolicyVersionRecords;
  readonly settings: SettingRecords;
  readonly egress: EgressRecords;
  readonly egressNames: EgressNameRecords;
  readonly egressKinds: EgressKindRecords;
  readonly retention: Retention;
  lost(): StoreLoss;
  /** Flushes the samples and closes the file; returns why the last flush failed, if it did. */
  close(): Result<void, StoreError>;
}

/** What a store needs, and how large it may ever grow. */
export interface StoreOptions {
  readonly now: () => Moment;
  readonly logger: Logger;
  /**
   * The file never grows beyond this, in bytes, so that a fault of ours cannot fill the disk: writes
   * then fail as on a full disk. 1 GiB unless told. Retention keeps it far smaller.
   */
  readonly ceilingBytes?: number;
  /** Whoever only looks leaves a damaged file where it is, for whoever can tell of it: opening fails. */
  readonly leavesDamaged?: boolean;
}

/**
 * Opens the record at `path`, a file in a folder of its own, or `:memory:` for one that ends with
 * the process. The file is made (0600, folder 0700) where it is missing, brought to the newest
 * version, and moved aside when it is damaged, unless told otherwise: `origin` says which. A file of a newer Sentra or of
 * another program is refused and not touched.
 */
export function openStore(path: string, options: StoreOptions): Result<Store, StoreError> {
  const opened = openDatabase(path, {
    ...options,
    ceilingBytes: options.ceilingBytes ?? 2 ** 30,
    // Statements are prepared here: a file with damaged tables shows itself now.
    use: (database) => composeStore(database, options),
  });
  if (!opened.ok) return opened;
  const { value, origin } = opened.value;
  return ok({ ...value, origin });
}

function composeStore(database: Database, { now, logger }: StoreOptions): Omit<Store, 'origin'> {
  const refused = countRefusedRows(logger);
  const ids = openWorkloadIds(database);
  const samples = openSamples(database, refused, ids, now);
  return {
    workloads: openWorkloads(database, refused),
    baselines: openBaselines(database, refused, ids),
    samples,
    findings: openFindings(database, refused),
    decisions: openDecisions(database, refused),
    actions: openActions(database, refused),
    containments: openContainments(database, refused),
    coverage: openCoverage(database, refused),
    policyVersions: openPolicyVersions(database, refused),
    settings: openSettings(database, refused),
    egress: openEgressDestinations(database, refused),
    egressNames: openEgressNames(database, refused),
    egressKinds: openEgressKinds(database, refused),
    retention: openRetention(database, ids),
    lost: () => ({ samples: samples.lost(), refusedRows: refused.total() }),
    close() {
      const flushed = samples.flush();
      try {
        database.close();
      } catch (error) {
        logger.warn(`The record did not close cleanly: ${messageOf(error)}`);
      }
      return flushed;
    },
  };
}

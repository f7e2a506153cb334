import { createHolder, type Holder } from '../../egress/ask/holder.ts';
import { createSimulatedHolder } from '../../egress/ask/simulated-holder.ts';
import { createExplainer } from '../../egress/explain/explainer.ts';
import { explainingCarrier } from '../../egress/explain/explaining-carrier.ts';
import { createEgress, type Egress } from '../../egress/egress.ts';
import type { Carrier } from '../../egress/carrier/carrier.ts';
import { openBookFile } from '../../egress/list/book-file.ts';
import { forgetEnded } from '../../egress/disarm/disarm.ts';
import { createHelperCarrier } from '../../egress/carrier/helper-carrier.ts';
import { createNameListener } from '../../egress/names/name-listener.ts';
import { createNativeCarrier } from '../../egress/carrier/native-carrier.ts';
import { createSimulatedCarrier, noCarrier } from '../../egress/carrier/simulated-carrier.ts';
import { createMemoryNotes, type WallNotes } from '../../egress/wall/wall-record.ts';
import { createWallReader } from '../../egress/wall/wall-reader.ts';
import type { EngineAbout } from '../../engine/port.ts';
import type { Helper } from '../../helper/helper-keeper.ts';
import { startInHelper } from '../../helper/helper-process.ts';
import type { HeldRequest } from '../../model/held.ts';
import type { EgressObservation } from '../../model/observation.ts';
import type { ContainerId } from '../../model/workload.ts';
import type { Clock } from '../../runtime/clock.ts';
import { messageOf, type Logger } from '../../runtime/logger.ts';
import { ok } from '../../runtime/result.ts';
import type { Sensors } from '../../sensors/sensors.ts';
import type { EgressRecord } from './egress-record.ts';

/** How walls are made and looked at; tests hand in their own. */
export interface EgressSettings {
  /** Where nft, dnsmasq and nsenter are looked for. */
  readonly toolFolders?: readonly string[];
  /** From look to look, milliseconds; default 5000. */
  readonly periodMs?: number;
  /** From proof to proof of a wall, milliseconds; default five minutes. */
  readonly proofMs?: number;
  /** The greatest time to live that resolvers tell of an address, seconds; default 300. */
  readonly ttlSeconds?: number;
}

/** What the guard of egress is connected to. */
export interface EgressJoint {
  readonly about: Pick<EngineAbout, 'simulated'>;
  /** The file with the lists. */
  readonly file: string;
  /** How a person calls a container. Untrusted text. */
  readonly nameOf: (container: ContainerId) => string;
  readonly sensors: () => Pick<Sensors, 'showEgress' | 'ignored' | 'isListed'> | undefined;
  readonly onObservation: (observation: EgressObservation) => void;
  /** What a person is to be asked is another. */
  readonly onHeld: (requests: readonly HeldRequest[]) => void;
  readonly record: Pick<EgressRecord, 'changes' | 'uses' | 'deadlines'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Makes the walls where this process is not root, and is there. */
  readonly helper: Helper | undefined;
  readonly settings: EgressSettings;
}

/** Starts guarding; a workload without a list is only observed. */
export function startEgress(joint: EgressJoint): Egress {
  const { clock, logger, settings } = joint;
  const { isNative, ...walls } = chooseWalls(joint);
  if (isNative) forgetEnded().catch((error: unknown) => logger.warn(messageOf(error)));
  return createEgress({
    ...walls,
    ...(isNative ? { listener: createNameListener(logger) } : {}),
    onHeld: joint.onHeld,
    file: openBookFile(joint.file, logger),
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    logger,
    show: ({ container }, sight, dropped) => joint.sensors()?.showEgress(container, sight, dropped),
    unwatched: () =>
      new Set(
        joint
          .sensors()
          ?.ignored()
          .map(({ container }) => container),
      ),
    isListed: () => joint.sensors()?.isListed() ?? false,
    onObservation: joint.onObservation,
    periodMs: settings.periodMs ?? 5000,
    proofMs: settings.proofMs,
    ttlSeconds: settings.ttlSeconds,
    ...joint.record,
  });
}

/**
 * Simulated ones for a simulated engine; else those of the helper where there is one to look after,
 * of this very process where it is root, or none.
 */
function chooseWalls({ about, helper, settings, logger, nameOf }: EgressJoint): {
  readonly carrier: Carrier;
  readonly holder?: Holder;
  readonly notes?: WallNotes;
  readonly isNative: boolean;
} {
  if (about.simulated) {
    return {
      carrier: createSimulatedCarrier(),
      holder: createSimulatedHolder(),
      notes: createMemoryNotes(),
      isNative: false,
    };
  }
  if (helper !== undefined) {
    const reader = createWallReader(() => ok(startInHelper(helper, 'walls')));
    const holder = createHolder(logger, () => ok(startInHelper(helper, 'holds')));
    const begin = () => ok(startInHelper(helper, 'explains'));
    const explainer = createExplainer(logger, nameOf, begin);
    const carrier = explainingCarrier(createHelperCarrier(helper, reader), explainer);
    return { carrier, holder, isNative: false };
  }
  const reason = whyNoWalls();
  if (reason !== undefined) return { carrier: noCarrier(reason), isNative: false };
  return {
    carrier: explainingCarrier(
      createNativeCarrier(settings.toolFolders),
      createExplainer(logger, nameOf),
    ),
    holder: createHolder(logger),
    isNative: true,
  };
}

/** Why this process cannot make walls; undefined when it can try. */
function whyNoWalls(): string | undefined {
  if (process.platform !== 'linux') return 'Egress is guarded on Linux alone so far.';
  if (process.getuid?.() !== 0) {
    return 'Egress is guarded only where Sentra runs as root on the engine’s own host.';
  }
  return undefined;
}

import { createEgress, type Egress } from '../egress/egress.ts';
import type { Carrier } from '../egress/carrier.ts';
import { openBookFile } from '../egress/book-file.ts';
import { forgetEnded } from '../egress/disarm.ts';
import { createNativeCarrier } from '../egress/native-carrier.ts';
import { createSimulatedCarrier, noCarrier } from '../egress/simulated-carrier.ts';
import { createMemoryNotes, type WallNotes } from '../egress/wall-record.ts';
import type { EngineAbout } from '../engine/port.ts';
import type { EgressObservation } from '../model/observation.ts';
import type { Clock } from '../runtime/clock.ts';
import { messageOf, type Logger } from '../runtime/logger.ts';
import type { Sensors } from '../sensors/sensors.ts';
import type { EgressRecord } from './egress-record.ts';

/** How walls are made and looked at; tests hand in their own. */
export interface EgressSettings {
  /** Where nft, dnsmasq and nsenter are looked for. */
  readonly toolFolders?: readonly string[];
  /** From look to look, milliseconds; default 5000. */
  readonly periodMs?: number;
}

/** What the guard of egress is connected to. */
export interface EgressJoint {
  readonly about: Pick<EngineAbout, 'simulated'>;
  /** The file with the lists. */
  readonly file: string;
  readonly sensors: () => Pick<Sensors, 'showEgress'> | undefined;
  readonly onObservation: (observation: EgressObservation) => void;
  readonly record: Pick<EgressRecord, 'changes' | 'uses'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: EgressSettings;
}

/** Starts guarding; a workload without a list is left as it is. */
export function startEgress(joint: EgressJoint): Egress {
  const { about, clock, logger, settings } = joint;
  const reason = whyNoWalls();
  if (reason === undefined && !about.simulated) {
    forgetEnded().catch((error: unknown) => logger.warn(messageOf(error)));
  }
  return createEgress({
    ...wallsOf(about.simulated, reason, settings),
    file: openBookFile(joint.file, logger),
    now: () => clock.now(),
    logger,
    show: ({ container }, sight, dropped) => joint.sensors()?.showEgress(container, sight, dropped),
    onObservation: joint.onObservation,
    periodMs: settings.periodMs ?? 5000,
    ...joint.record,
  });
}

function wallsOf(
  simulated: boolean,
  reason: string | undefined,
  settings: EgressSettings,
): { readonly carrier: Carrier; readonly notes?: WallNotes } {
  if (simulated) return { carrier: createSimulatedCarrier(), notes: createMemoryNotes() };
  if (reason !== undefined) return { carrier: noCarrier(reason) };
  return { carrier: createNativeCarrier(settings.toolFolders) };
}

/** Why this process cannot make walls; undefined when it can try. */
function whyNoWalls(): string | undefined {
  if (process.platform !== 'linux') return 'Egress is guarded on Linux alone so far.';
  if (process.getuid?.() !== 0) {
    return 'Egress is guarded only where Sentra runs as root on the engine’s own host.';
  }
  return undefined;
}

import { createEgress, type Egress } from '../egress/egress.ts';
import type { Carrier } from '../egress/carrier.ts';
import { openBookFile } from '../egress/book-file.ts';
import { forgetEnded } from '../egress/disarm.ts';
import { createNativeCarrier } from '../egress/native-carrier.ts';
import type { EngineAbout } from '../engine/port.ts';
import type { EgressObservation } from '../model/observation.ts';
import type { Clock } from '../runtime/clock.ts';
import { messageOf, type Logger } from '../runtime/logger.ts';
import { failed, ok } from '../runtime/result.ts';
import type { Sensors } from '../sensors/sensors.ts';

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
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: EgressSettings;
}

/** Starts guarding; a workload without a list is left as it is. */
export function startEgress(joint: EgressJoint): Egress {
  const { about, clock, logger, settings } = joint;
  const reason = whyNoWalls(about);
  if (reason === undefined) {
    forgetEnded().catch((error: unknown) => logger.warn(messageOf(error)));
  }
  return createEgress({
    carrier: reason === undefined ? createNativeCarrier(settings.toolFolders) : noCarrier(reason),
    file: openBookFile(joint.file, logger),
    now: () => clock.now(),
    logger,
    show: ({ container }, sight, dropped) => joint.sensors()?.showEgress(container, sight, dropped),
    onObservation: joint.onObservation,
    periodMs: settings.periodMs ?? 5000,
  });
}

/** Why this process cannot make walls; undefined when it can try. */
function whyNoWalls({ simulated }: Pick<EngineAbout, 'simulated'>): string | undefined {
  if (simulated) return 'The engine is simulated: there is no network to guard.';
  if (process.platform !== 'linux') return 'Egress is guarded on Linux alone so far.';
  if (process.getuid?.() !== 0) {
    return 'Egress is guarded only where Sentra runs as root on the engine’s own host.';
  }
  return undefined;
}

function noCarrier(reason: string): Carrier {
  const refuse = () => Promise.resolve(failed(reason));
  return {
    read: (places) =>
      Promise.resolve(new Map(places.map(({ container }) => [container, failed(reason)]))),
    apply: refuse,
    resolve: refuse,
    prove: refuse,
    remove: refuse,
    forget: () => Promise.resolve(),
    gate: () =>
      Promise.resolve(
        ok({ bridges: [], dropped: 0, breach: undefined, uncovered: new Map<string, string>() }),
      ),
    close: () => Promise.resolve(),
  };
}

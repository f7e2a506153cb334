import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Engine, EngineAbout } from '../engine/port.ts';
import { createHelperClient } from '../helper/helper-client.ts';
import { helperSocket, type HelperParts } from '../helper/helper-container.ts';
import { findHelperImage } from '../helper/helper-image.ts';
import { startInHelper } from '../helper/helper-process.ts';
import { startHelperKeeper, type Helper } from '../helper/helper-keeper.ts';
import { createHelperTracing } from './helper-tracing.ts';
import type { MonitorOptions } from '../rpc/service/service.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { ok } from '../runtime/result.ts';
import type { SensorSettings } from '../sensors/sensor-settings.ts';

/** How the helper is used; tests hand in their own. */
export interface HelperSettings {
  /** Even where this process is root itself. */
  readonly always?: boolean;
  /** From look to look, milliseconds; default 2000. */
  readonly periodMs?: number;
  /** Where the image is found; above the running code without it. */
  readonly image?: HelperParts['image'];
}

interface HelperSurroundings {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly helper?: HelperSettings;
}

/**
 * The folder in which an engine's helper listens for this person. Its last part is `helper`, which the
 * engine's allow-list asks for.
 */
export function helperFolder(controlFolder: string, engineId: string): string {
  const name = createHash('sha256').update(engineId).digest('hex').slice(0, 16);
  return join(controlFolder, name, 'helper');
}

/** What installing and using the helper of an engine takes. */
export function helperParts(
  engine: Engine,
  controlFolder: string,
  image: HelperParts['image'] = findHelperImage,
): HelperParts {
  const folder = helperFolder(controlFolder, engine.about.id);
  const client = createHelperClient(helperSocket(folder));
  return { calls: engine.helper, client, image, folder };
}

/** Whether what takes root is done by the helper: where this process is not root on the engine's host. */
export function needsHelper(
  about: Pick<EngineAbout, 'simulated' | 'endpoint'>,
  settings: HelperSettings,
): boolean {
  // The helper's socket is a file on this machine: an engine elsewhere has no way to it.
  if (process.platform !== 'linux' || about.simulated) return false;
  if (!about.endpoint.startsWith('unix://')) return false;
  return settings.always === true || process.getuid?.() !== 0;
}

/** Looks after the helper; undefined where it is not needed, or would be of no use. */
export function startHelper(
  engine: Engine,
  { controlFolder }: Pick<MonitorOptions, 'controlFolder'>,
  { clock, logger, helper: settings = {} }: HelperSurroundings,
): Helper | undefined {
  if (!needsHelper(engine.about, settings)) return undefined;
  const parts = helperParts(engine, controlFolder, settings.image);
  return startHelperKeeper({ parts, clock, logger, periodMs: settings.periodMs ?? 2000 });
}

/** How system calls are seen by the helper, where there is one: by the kernel, and by gVisor. */
export function callsIn(helper: Helper | undefined): Pick<SensorSettings, 'loader' | 'tracing'> {
  if (helper === undefined) return {};
  return {
    loader: () => ok(startInHelper(helper, 'sensor')),
    tracing: createHelperTracing(helper),
  };
}

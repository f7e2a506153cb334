import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Engine, EngineAbout } from '../engine/port.ts';
import { createHelperDoor } from '../helper/helper-door.ts';
import { createHelperClient } from '../helper/helper-client.ts';
import { helperSocket, type HelperParts } from '../helper/helper-container.ts';
import { findHelperImage } from '../helper/helper-image.ts';
import { startInHelper } from '../helper/helper-process.ts';
import { startHelperKeeper, type Helper } from '../helper/helper-keeper.ts';
import { createHelperTracing } from './helper-tracing.ts';
import type { MonitorOptions } from '../rpc/service/service.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { failed, ok, type Result } from '../runtime/result.ts';
import type { Sight } from '../model/coverage.ts';
import { sharesKernel, type Workload } from '../model/workload.ts';
import { noSource } from '../sensors/syscalls/syscalls-sight.ts';
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
  const isHere = mayShareFiles(engine.about);
  const door = createHelperDoor(isHere ? helperSocket(folder) : undefined);
  const ways = {
    folder: isHere ? folder : undefined,
    owner: createHash('sha256').update(folder).digest('hex').slice(0, 32),
  };
  return { calls: engine.helper, client: createHelperClient(door.dial), image, door, ways };
}

/** Whether the engine may be on this machine, so that a file of it may be a file here. */
function mayShareFiles({ endpoint }: Pick<EngineAbout, 'endpoint'>): boolean {
  return process.platform === 'linux' && endpoint.startsWith('unix://');
}

/** Whether what takes root is done by the helper: where this process is not root on the engine's host. */
export function needsHelper(
  about: Pick<EngineAbout, 'simulated' | 'endpoint'>,
  settings: HelperSettings,
): boolean {
  if (about.simulated) return false;
  return settings.always === true || !mayShareFiles(about) || process.getuid?.() !== 0;
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
export function callsIn(
  helper: Helper | undefined,
): Pick<SensorSettings, 'loader' | 'tracing' | 'findCgroup'> {
  if (helper === undefined) return {};
  return {
    loader: () => ok(startInHelper(helper, 'sensor')),
    tracing: createHelperTracing(helper),
    findCgroup: (workload) => findCgroup(helper, workload),
  };
}

/** Has the helper of an engine elsewhere say by what the kernel there knows a container. */
async function findCgroup(
  helper: Helper,
  { container, mainPid, runtime }: Workload,
): Promise<Result<string, Sight | undefined>> {
  if (!helper.isElsewhere()) return failed(undefined);
  if (!helper.isInstalled()) return failed(noSource);
  const blind = (reason: string) => failed({ state: 'blind', reason } as const);
  if (!sharesKernel(runtime)) {
    return blind(`Calls of containers of ${runtime} are not seen on an engine elsewhere.`);
  }
  const reason = helper.whyNot();
  if (reason !== undefined) return blind(reason);
  if (mainPid === undefined) return blind('Its main process is not known.');
  const said = await helper.client.ask({ verb: 'cgroup', place: { container, pid: mainPid } });
  if (!said.ok) return blind(helper.whyNot() ?? said.error);
  const inode = said.value.toString('latin1').trim();
  return /^[1-9]\d{0,19}$/.test(inode) ? ok(inode) : blind('The helper told no cgroup of it.');
}

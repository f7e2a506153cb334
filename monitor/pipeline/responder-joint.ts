import type { Engine } from '../engine/port.ts';
import type { Action } from '../model/action.ts';
import type { Finding } from '../model/finding.ts';
import { selects } from '../model/selector.ts';
import type { ContainerId } from '../model/workload.ts';
import { isProtected, type Policy } from '../policy/policy.ts';
import type { Store } from '../record/store.ts';
import { noKernelFreezer } from '../respond/kernel-freezer.ts';
import { createResponder, type Responder } from '../respond/responder.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Sensors } from '../sensors/sensors.ts';
import { createCgroupFreezer } from '../sensors/freezer/cgroup-freezer.ts';
import { createRecordOfResponse, restoredFrom } from './response-record.ts';

/** What acting needs from the rest of the monitor. */
export interface ResponderJoint {
  readonly engine: Engine;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly policy: () => Policy;
  /** Where the kernel tells of processes; undefined to ask the engine alone. */
  readonly procFolder: string | undefined;
  readonly sensors: () =>
    | Pick<Sensors, 'workloads' | 'outside' | 'lookOutside' | 'huntOutside' | 'pidSharers'>
    | undefined;
  readonly openFindings: (container: ContainerId) => readonly Finding[];
  readonly onAction: (action: Action) => void;
}

/** Begins with what the record says is held and put off, within what the policy allows now. */
export function startResponder(joint: ResponderJoint): Responder {
  const { engine, store, clock, logger, policy, procFolder, sensors } = joint;
  const workloads = () => sensors()?.workloads() ?? [];
  // A container elsewhere has no process here whose cgroup bears its id: nothing is read or written.
  const kernel =
    procFolder === undefined
      ? noKernelFreezer
      : createCgroupFreezer({
          procFolder,
          clock,
          known: (id) => workloads().find(({ container }) => container === id),
        });
  return createResponder({
    engine,
    kernel,
    record: createRecordOfResponse(store, joint.onAction),
    clock,
    logger,
    restored: restoredFrom(store, logger),
    guardRails: {
      isWatched: (workload) => selects(policy().watch, workload),
      isProtected: (workload) => isProtected(policy(), workload),
      cap: {
        // Read each time: the policy may have been loaded anew.
        get actions() {
          return policy().limits.actionsPerMinute;
        },
        windowMs: 60_000,
      },
      retryCoolDownMs: 5_000,
    },
    workloads,
    outsiders: {
      known: (container) => sensors()?.outside(container) ?? 0,
      look: async (container) => sensors()?.lookOutside(container),
      hunt: (container) => sensors()?.huntOutside(container),
      pidSharers: (container) => sensors()?.pidSharers(container) ?? [],
    },
    isStillWanted: ({ rule: name, container, finding }) =>
      policy().rules.some((rule) => rule.name === name && rule.mode === 'enforce') &&
      joint.openFindings(container).some(({ id }) => id === finding),
  });
}

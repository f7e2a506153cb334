import { noHelperAnswers } from '../../egress/disarm/helper-taker.ts';
import { createNativeTaker } from '../../egress/disarm/native-taker.ts';
import type { WallTaker } from '../../egress/disarm/wall-taker.ts';
import type { Engine } from '../../engine/port.ts';
import type { Helper } from '../../helper/helper-keeper.ts';
import type { ContainerId } from '../../model/workload.ts';
import type { Responder } from '../../respond/responder.ts';
import type { DisarmService } from '../../rpc/service/service-disarm.ts';
import type { WorkloadView } from '../../rpc/service/service.ts';
import { failed, ok } from '../../runtime/result.ts';
import { helperParts } from '../helper-joint.ts';
import { createDisarmer } from './disarmer.ts';
import { helperHand, throughHelper } from './helper-hand.ts';

/** What a monitor that disarms is connected to. */
export interface DisarmJoint {
  readonly engine: Engine;
  readonly responder: Responder;
  /** By which this monitor makes walls; undefined where it is root itself, or the engine simulated. */
  readonly helper: Helper | undefined;
  readonly controlFolder: string;
  readonly views: () => readonly WorkloadView[];
  /** Ends watching, guarding and looking after the helper, for good. */
  readonly quiet: () => Promise<void>;
}

/** As a monitor that runs does it. */
export interface MonitorDisarm extends DisarmService {
  /** Resolves once it has disarmed. */
  readonly disarmed: Promise<void>;
}

/** Disarming by a monitor that runs: it comes to rest first, or it would put everything up again. */
export function createMonitorDisarm(joint: DisarmJoint): MonitorDisarm {
  const disarmed = Promise.withResolvers<undefined>();
  const { engine, responder, helper, views } = joint;
  /** Made anew each time: what reads walls is a process of its own. */
  async function by<Value>(task: (service: DisarmService) => Promise<Value>): Promise<Value> {
    const taker = chooseTaker(joint, helper, views);
    const isRoot = process.getuid?.() === 0;
    try {
      return await task(
        createDisarmer({
          takers: [taker],
          engine,
          responder,
          isRecordWhole: true,
          helper: engine.about.simulated
            ? undefined
            : helperHand(helperParts(engine, joint.controlFolder), isRoot),
          unseen: [],
          async quiet() {
            await joint.quiet();
            await responder.idle();
          },
        }),
      );
    } finally {
      await taker.close();
    }
  }
  let disarming: ReturnType<DisarmService['disarm']> | undefined;
  return {
    disarmed: disarmed.promise,
    disarmList: () => by((service) => service.disarmList()),
    disarm() {
      // Whoever asks again meanwhile waits for the same.
      disarming ??= by((service) => service.disarm()).finally(() => {
        disarming = undefined;
        disarmed.resolve(undefined);
      });
      return disarming;
    },
  };
}

function chooseTaker(
  { engine }: Pick<DisarmJoint, 'engine'>,
  helper: Helper | undefined,
  views: DisarmJoint['views'],
): WallTaker {
  if (engine.about.simulated) return simulatedTaker(views);
  if (helper === undefined) return createNativeTaker();
  return throughHelper(helper.client, engine, () => {
    const abilities = helper.abilities();
    if (abilities !== undefined)
      return Promise.resolve(ok({ pid: abilities.pid, inode: abilities.network }));
    const reason = helper.isInstalled() ? helper.whyNot() : undefined;
    return Promise.resolve(reason === undefined ? noHelperAnswers : failed(reason));
  });
}

/** Simulated walls end with what guards by them. */
function simulatedTaker(views: DisarmJoint['views']): WallTaker {
  const standing = (): readonly ContainerId[] =>
    views().flatMap(({ workload, coverage }) => {
      const sight = coverage.find(({ sensor }) => sensor === 'egress')?.sight;
      const stands = sight?.state === 'seeing' || sight?.state === 'partly';
      return stands && workload.network.kind === 'own' ? [workload.container] : [];
    });
  return {
    find: () => Promise.resolve(ok({ containers: standing(), closed: [], ended: [], gates: [] })),
    take: ({ containers }) =>
      Promise.resolve({
        containers: containers.map((container) => ({ container, failure: undefined })),
        gates: [],
        networks: containers.length,
        left: [],
      }),
    close: () => Promise.resolve(),
  };
}

import type { Engine } from '../../../monitor/engine/port.ts';
import type { SensorName, Sight } from '../../../monitor/model/coverage.ts';
import type { Observation } from '../../../monitor/model/observation.ts';
import { systemClock } from '../../../monitor/runtime/clock.ts';
import { silentLogger } from '../../../monitor/runtime/logger.ts';
import { startSensors, type Sensors } from '../../../monitor/sensors/sensors.ts';
import { engineSocket } from '../../engine/capabilities.ts';
import {
  testContainers,
  type TestContainer,
  type TestContainers,
} from '../../engine/containers.ts';
import { connectToEngine } from '../../engine/connected-engine.ts';
import { until } from './fake-engine.ts';

type Kind = Observation['kind'];

/** Sensors on the containers that a test starts on the private engine, and all that they told. */
export interface SensorStage {
  readonly engine: Engine;
  readonly containers: TestContainers;
  readonly sensors: Sensors;
  readonly observations: readonly Observation[];
  sight(container: TestContainer, sensor: SensorName): Sight | undefined;
  /** What was told of a container, of one kind, in order. */
  of<One extends Kind>(
    kind: One,
    container: TestContainer,
  ): readonly Extract<Observation, { kind: One }>[];
  /** How often it made a call, from that window on. */
  total(container: TestContainer, call: string, from?: number): number;
  /** Waits until what the container has called up to now has been told; gives its windows by then. */
  settled(container: TestContainer): Promise<number>;
  close(): Promise<void>;
}

/** What a stage is given; an engine that it is given it leaves open. */
export interface SensorStageOptions {
  readonly engine?: Engine;
  readonly settings?: Parameters<typeof startSensors>[0]['settings'];
}

/** Starts them; only what the stage's containers start is watched. */
export async function openSensorStage(options: SensorStageOptions = {}): Promise<SensorStage> {
  const observations: Observation[] = [];
  const containers = testContainers(engineSocket());
  const engine = options.engine ?? (await connectToEngine());
  const sensors = startSensors({
    reader: engine,
    selects: (summary) => summary.labels['sentra.test'] === containers.run,
    clock: systemClock,
    logger: silentLogger,
    onObservation: (observation) => observations.push(observation),
    onWorkload: () => undefined,
    onConnection: () => undefined,
    settings: options.settings ?? {},
  });

  function of<One extends Kind>(kind: One, { id }: TestContainer) {
    return observations.filter(
      (one): one is Extract<Observation, { kind: One }> =>
        one.kind === kind && 'container' in one && one.container === id,
    );
  }

  return {
    engine,
    containers,
    sensors,
    observations,
    of,
    sight: ({ id }, sensor) => sensors.coverage(id).find((one) => one.sensor === sensor)?.sight,
    total: (container, call, from = 0) =>
      of('syscalls', container)
        .slice(from)
        .reduce((sum, { counts }) => sum + (counts[call] ?? 0), 0),
    async settled(container) {
      const before = of('syscalls', container).length;
      await until('two more windows', () => of('syscalls', container).length >= before + 2, 60_000);
      return of('syscalls', container).length;
    },
    async close() {
      await sensors.stop();
      if (options.engine === undefined) engine.close();
      await containers.removeAll();
    },
  };
}

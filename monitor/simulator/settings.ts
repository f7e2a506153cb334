/** Versions of the Engine API that the simulator speaks, with the engine that brought each. */
const engines = {
  '1.41': { engine: '20.10.24', oldest: '1.12' },
  '1.42': { engine: '23.0.6', oldest: '1.12' },
  '1.43': { engine: '24.0.9', oldest: '1.12' },
  '1.44': { engine: '25.0.5', oldest: '1.24' },
} as const;

export type ApiVersion = keyof typeof engines;

/** What is fixed for the life of a simulated engine. */
export interface Settings {
  readonly seed: number;
  readonly apiVersion: ApiVersion;
  readonly oldestApiVersion: string;
  readonly engineVersion: string;
  readonly cgroupVersion: 1 | 2;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Virtual time at the start, milliseconds since 1970. */
  readonly startedAt: number;
}

/** Fills in what was not asked for: API 1.44, cgroup v2, 4 cores, 16 GiB. */
export function settingsFrom(
  asked: Partial<Omit<Settings, 'oldestApiVersion' | 'engineVersion'>> & { startedAt: number },
): Settings {
  const apiVersion = asked.apiVersion ?? '1.44';
  return {
    seed: asked.seed ?? 1,
    apiVersion,
    oldestApiVersion: engines[apiVersion].oldest,
    engineVersion: engines[apiVersion].engine,
    cgroupVersion: asked.cgroupVersion ?? 2,
    cpus: asked.cpus ?? 4,
    memoryBytes: asked.memoryBytes ?? 16 * 1024 ** 3,
    startedAt: asked.startedAt,
  };
}

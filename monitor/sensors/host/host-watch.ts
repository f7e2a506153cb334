import type { HostObservation } from '../../model/observation.ts';
import type { Clock } from '../../runtime/clock.ts';
import { messageOf, type Logger } from '../../runtime/logger.ts';
import { startLoop } from '../../runtime/loop.ts';
import { readBattery, readHost } from './host-reading.ts';

export interface HostWatchOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly procFolder: string;
  readonly powerFolder: string;
  readonly periodMs: number;
  readonly onObservation: (observation: HostObservation) => void;
}

/** How many readings pass from one look at the battery to the next: five minutes at the usual rate. */
const readingsPerBattery = 10;

/** Observes the machine every `periodMs`. A failure is told once, until a reading succeeds. */
export function watchHost(options: HostWatchOptions): { stop(): Promise<void> } {
  let readings = 0;
  let onBattery: boolean | undefined;
  let told = false;

  async function observe(): Promise<void> {
    if (readings % readingsPerBattery === 0) onBattery = await readBattery(options.powerFolder);
    readings += 1;
    const reading = await readHost(options.procFolder);
    if (!reading.ok) {
      if (!told) options.logger.warn(reading.error);
      told = true;
      return;
    }
    told = false;
    options.onObservation({ kind: 'host', at: options.clock.now(), onBattery, ...reading.value });
  }

  return startLoop({
    periodMs: options.periodMs,
    timeoutMs: 20_000,
    run: observe,
    onError: (error) => options.logger.error(`The host was not observed: ${messageOf(error)}`),
  });
}

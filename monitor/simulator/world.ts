import type { Container } from './container.ts';
import type { EventLog } from './event-log.ts';
import type { Networks } from './networks.ts';
import type { Containers } from './containers.ts';
import type { Settings } from './settings.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The parts of a simulated engine, for the functions that act on it. */
export interface World {
  readonly settings: Settings;
  readonly time: VirtualTime;
  readonly events: EventLog;
  readonly containers: Containers;
  readonly networks: Networks;
}

/** Emits a container's event with the attributes that Docker gives: labels, image, name, and more. */
export function emitContainerEvent(
  world: World,
  container: Container,
  action: string,
  more: Readonly<Record<string, string>> = {},
): void {
  world.events.emit({
    type: 'container',
    action,
    actor: container.id,
    attributes: {
      ...container.plan.labels,
      ...more,
      image: container.plan.image,
      name: container.plan.name,
    },
  });
}

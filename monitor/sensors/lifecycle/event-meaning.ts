import type { EngineEvent } from '../../engine/port.ts';
import type { LifecycleEvent } from '../../model/observation.ts';
import type { ContainerId, ContainerState } from '../../model/workload.ts';

/** What an event of the engine means for one container. */
export interface EventMeaning {
  readonly container: ContainerId;
  /** What is told to the detectors; undefined for events that only change what is known. */
  readonly fact: LifecycleEvent | undefined;
  /** The state that the container is in after it; undefined when the event does not say. */
  readonly state: ContainerState | 'gone' | undefined;
  /** Whether the container must be inspected again, since the event changed more than its state. */
  readonly inspect: boolean;
}

/** The longest command of an exec that is kept, in characters. */
const longestCommand = 1000;

/** The meaning of an event; undefined for the kinds that concern no container or change nothing. */
export function meaningOf(event: EngineEvent): EventMeaning | undefined {
  if (event.type === 'container') return ofContainer(event);
  if (event.type === 'network') return ofNetwork(event);
  return undefined;
}

function ofContainer(event: EngineEvent): EventMeaning | undefined {
  const container = event.actor;
  switch (event.action) {
    case 'create':
      return { container, fact: undefined, state: 'created', inspect: true };
    case 'start':
      return { container, fact: { name: 'start' }, state: 'running', inspect: true };
    case 'die': {
      const exitCode = exitCodeOf(event.attributes['exitCode']);
      return { container, fact: { name: 'die', exitCode }, state: 'exited', inspect: true };
    }
    case 'oom':
      return { container, fact: { name: 'out-of-memory' }, state: undefined, inspect: false };
    case 'exec_start': {
      const command = event.detail.trim().slice(0, longestCommand);
      return { container, fact: { name: 'exec', command }, state: undefined, inspect: false };
    }
    case 'health_status': {
      const health = event.detail.trim();
      if (health !== 'healthy' && health !== 'unhealthy') return undefined;
      const fact = { name: 'health', healthy: health === 'healthy' } as const;
      return { container, fact, state: undefined, inspect: false };
    }
    case 'pause':
      return { container, fact: { name: 'pause' }, state: 'paused', inspect: true };
    case 'unpause':
      return { container, fact: { name: 'unpause' }, state: 'running', inspect: true };
    case 'restart':
      return { container, fact: { name: 'restart' }, state: undefined, inspect: false };
    case 'rename':
    case 'update':
      return { container, fact: undefined, state: undefined, inspect: true };
    case 'destroy':
      return { container, fact: { name: 'destroy' }, state: 'gone', inspect: false };
    default:
      return undefined;
  }
}

function ofNetwork(event: EngineEvent): EventMeaning | undefined {
  const container = event.attributes['container'];
  if (container === undefined || container === '') return undefined;
  const network = event.attributes['name'] ?? event.actor;
  switch (event.action) {
    case 'connect':
      return {
        container,
        fact: { name: 'network-attach', network },
        state: undefined,
        inspect: true,
      };
    case 'disconnect':
      return {
        container,
        fact: { name: 'network-detach', network },
        state: undefined,
        inspect: true,
      };
    default:
      return undefined;
  }
}

function exitCodeOf(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d{1,10}$/.test(text) ? Number(text) : undefined;
}

import type { ContainerDetail, Engine, EngineError } from '../engine/port.ts';
import { plainText } from '../runtime/plain-text.ts';

/** The calls of the engine that the responder makes. */
export type ResponseEngine = Pick<
  Engine,
  | 'about'
  | 'list'
  | 'inspect'
  | 'networkHasSubnet'
  | 'pause'
  | 'unpause'
  | 'kill'
  | 'stop'
  | 'update'
  | 'attach'
  | 'detach'
>;

/** The error as one sentence for a person; control characters shown, at most 300 characters. */
export function errorInWords(error: EngineError): string {
  return plainText(`${error.message} ${error.advice}`.trim(), 300);
}

/** True when the engine may have done, or may yet do, what it was asked: the answer was not heard. */
export function isUncertain(error: EngineError): boolean {
  switch (error.kind) {
    case 'timeout':
    case 'unreachable':
    case 'garbage':
    case 'cancelled':
      return true;
    case 'not-running':
    case 'stale-socket':
    case 'no-permission':
    case 'gone':
    case 'conflict':
    case 'forbidden':
    case 'failed':
      return false;
  }
}

/** True while the container has processes, frozen ones included. */
export function isUp(detail: ContainerDetail): boolean {
  return detail.workload.state === 'running' || detail.workload.state === 'paused';
}

/** True between two starts of a restart policy: nothing runs, and it comes up by itself. */
export function isBetweenRestarts(detail: ContainerDetail): boolean {
  return detail.workload.state === 'restarting' || (detail.restarting && !isUp(detail));
}

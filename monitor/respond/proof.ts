import type { ContainerDetail } from '../engine/port.ts';
import { plainText } from '../runtime/plain-text.ts';
import { isBetweenRestarts } from './response-engine.ts';

/** What was read back from the engine, in words: state, networks, restart policy. */
export function proofOf(detail: ContainerDetail): string {
  const policy = detail.restartPolicy.name === '' ? 'no' : detail.restartPolicy.name;
  return `Read back: ${stateInWords(detail)}, ${networksInWords(detail)}, restart policy ${plainText(policy, 40)}.`;
}

/** The container's state in words. */
export function stateInWords(detail: ContainerDetail): string {
  if (isBetweenRestarts(detail)) return 'between two restarts';
  const { state } = detail.workload;
  switch (state) {
    case 'paused':
    case 'running':
      return state;
    case 'created':
      return 'never started';
    case 'exited':
    case 'dead':
      return detail.exitCode === undefined
        ? 'not running'
        : `not running (exit code ${detail.exitCode})`;
    case 'restarting':
      return 'between two restarts';
    case 'removing':
      return 'being removed';
  }
}

function networksInWords(detail: ContainerDetail): string {
  const { network } = detail.workload;
  switch (network.kind) {
    case 'host':
      return "on the host's network";
    case 'none':
      return 'no network';
    case 'shared':
      return "in another container's network";
    case 'own': {
      const names = detail.endpoints.map((endpoint) => plainText(endpoint.networkName, 60));
      return names.length === 0 ? 'no network' : `on ${names.join(', ')}`;
    }
  }
}

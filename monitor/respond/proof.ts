import type { ContainerDetail } from '../engine/port.ts';
import { plainText } from '../runtime/plain-text.ts';
import type { KernelWord } from '../model/kernel-word.ts';
import { isBetweenRestarts } from './response-engine.ts';

/**
 * What was read back, in words: state, networks, restart policy by the engine's word, and the freeze
 * by the kernel's where it could be read.
 */
export function proofOf(detail: ContainerDetail, kernel?: KernelWord): string {
  const policy = detail.restartPolicy.name === '' ? 'no' : detail.restartPolicy.name;
  return `Read back: ${stateInWords(detail)}${kernelInWords(kernel)}, ${networksInWords(detail)}, restart policy ${plainText(policy, 40)}.`;
}

/** To follow the engine's word; empty where the kernel's could not be read. */
export function kernelInWords(kernel: KernelWord | undefined): string {
  switch (kernel?.state) {
    case 'frozen':
      return ", frozen by the kernel's word";
    case 'running':
      return ", running by the kernel's word";
    case 'unreadable':
    case undefined:
      return '';
  }
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
  const names = detail.endpoints.map((endpoint) => plainText(endpoint.networkName, 60));
  const attached = names.length === 0 ? [] : [`on ${names.join(', ')}`];
  switch (detail.workload.network.kind) {
    case 'host':
      return ["on the host's network", ...attached].join(' and ');
    case 'shared':
      return ["in another container's network", ...attached].join(' and ');
    case 'none':
    case 'own':
      return attached[0] ?? 'no network';
  }
}

import * as z from 'zod';
import type { ContainerState } from '../model/workload.ts';
import type { ContainerSummary } from './port.ts';
import { fullId, optionalText, optionalTextMap, optionalTexts } from './payload.ts';

const summary = z.object({
  Id: fullId,
  Names: optionalTexts,
  Image: optionalText,
  Labels: optionalTextMap,
  State: z.string(),
  /** Seconds since 1970. */
  Created: z.number(),
  NetworkSettings: z
    .object({ Networks: z.record(z.string(), z.unknown()).nullish() })
    .nullish()
    .catch(undefined),
});

/** The answer to GET /containers/json, as port types. */
export const containerListPayload = z
  .array(summary)
  .transform((entries): readonly ContainerSummary[] =>
    entries.map((entry) => ({
      container: entry.Id,
      name: ownName(entry.Names, entry.Id),
      image: entry.Image,
      labels: entry.Labels,
      state: stateOf(entry.State),
      createdAt: entry.Created * 1000,
      networks: networksOf(entry.NetworkSettings?.Networks),
    })),
  );

function networksOf(networks: object | null | undefined): readonly string[] | undefined {
  return networks === null || networks === undefined ? undefined : Object.keys(networks);
}

/** The container's own name among those that legacy links gave it: the one with a single slash. */
function ownName(names: readonly string[], container: string): string {
  const own = names.find((name) => name.lastIndexOf('/') <= 0) ?? names[0];
  return own === undefined ? container.slice(0, 12) : own.replace(/^\//, '');
}

/**
 * The engine's word for a state. Podman has more of them; a word that nobody knows counts as
 * running, so that the container is rather watched than forgotten.
 */
export function stateOf(word: string): ContainerState {
  switch (word) {
    case 'created':
    case 'running':
    case 'paused':
    case 'restarting':
    case 'removing':
    case 'exited':
    case 'dead':
      return word;
    case 'configured':
    case 'initialized':
      return 'created';
    case 'stopped':
      return 'exited';
    default:
      return 'running';
  }
}

import * as z from 'zod';
import { optionalText } from './payload.ts';

const predefined: ReadonlySet<string> = new Set(['bridge', 'host', 'none', 'nat', 'podman']);

/**
 * The answer to GET /networks/{id}, as whether an address may be asked for there. The engine shows
 * a subnet that it chose itself just like one that was configured, so yes means "worth asking":
 * the engine may still refuse with a conflict. No is certain.
 */
export const networkSubnetPayload = z
  .object({
    Name: z.string(),
    IPAM: z.object({ Config: z.array(z.object({ Subnet: optionalText })).nullish() }).nullish(),
  })
  .transform(
    (network): boolean =>
      !predefined.has(network.Name) &&
      (network.IPAM?.Config ?? []).some((config) => config.Subnet !== ''),
  );

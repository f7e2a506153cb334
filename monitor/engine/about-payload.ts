import * as z from 'zod';
import { optionalAmount, optionalText, optionalTexts } from './payload.ts';

/** The answer to GET /version, as far as it is used. */
export const versionPayload = z.object({
  Version: optionalText,
  ApiVersion: z.string(),
  /** Podman and very old engines leave it out. */
  MinAPIVersion: optionalText,
  Components: z
    .array(z.object({ Name: z.string() }))
    .nullish()
    .transform((components) => components ?? []),
});

/** The answer to GET /info, as far as it is used. */
export const infoPayload = z.object({
  ID: optionalText,
  Name: optionalText,
  ServerVersion: optionalText,
  NCPU: optionalAmount,
  MemTotal: optionalAmount,
  CgroupVersion: optionalText,
  Labels: optionalTexts,
  Runtimes: z
    .record(z.string(), z.object({ path: optionalText, runtimeArgs: optionalTexts }))
    .nullish()
    .transform((runtimes) => runtimes ?? {}),
});

export type VersionPayload = z.infer<typeof versionPayload>;
export type InfoPayload = z.infer<typeof infoPayload>;

/** The label by which Sentra's simulator says that it is none of the real engines. */
export const simulatedLabel = 'sentra.simulated=true';

/** Whether the engine calls itself simulated, by its label or by its version. */
export function isSimulated(info: InfoPayload): boolean {
  return info.Labels.includes(simulatedLabel) || /simulat/i.test(info.ServerVersion);
}

/**
 * The engine's own id. Podman makes up a new one for every answer, so there the host's name and
 * the endpoint stand in.
 */
export function engineId(version: VersionPayload, info: InfoPayload, endpoint: string): string {
  const podman = version.Components.some((component) => component.Name.startsWith('Podman'));
  if (podman || info.ID === '') return `${info.Name === '' ? 'engine' : info.Name}@${endpoint}`;
  return info.ID;
}

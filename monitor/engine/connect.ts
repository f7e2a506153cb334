import type * as z from 'zod';
import { failed, ok, type Result } from '../runtime/result.ts';
import type { Logger } from '../runtime/logger.ts';
import {
  engineId,
  infoPayload,
  isSimulated,
  versionPayload,
  type InfoPayload,
  type VersionPayload,
} from './about-payload.ts';
import { nameOfAddress } from './address.ts';
import { negotiateApi } from './api-version.ts';
import { createDockerodeEngine } from './dockerode-engine.ts';
import { findEndpoints, type Endpoint } from './endpoints.ts';
import { CallFailure } from './engine-error.ts';
import type { EngineEnvironment } from './environment.ts';
import { createModem } from './modem.ts';
import { readPayload } from './payload.ts';
import type { Engine, EngineAbout, EngineError } from './port.ts';
import { probe, type Contact } from './probe.ts';

/** How to connect. */
export interface ConnectOptions {
  /** An address such as `unix:///path`, or the name of a context; undefined: found as the CLI does. */
  readonly endpoint?: string | undefined;
  readonly environment: EngineEnvironment;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** One endpoint that was tried, and why it is not used. */
export interface ConnectAttempt {
  /** As the CLI writes it; empty where what was chosen could not even be read. */
  readonly endpoint: string;
  readonly source: string;
  readonly error: EngineError;
}

/** No engine. */
export interface ConnectFailure {
  /** In order of preference. */
  readonly attempts: readonly ConnectAttempt[];
  /** Whether somebody named the engine, by option or environment: not even a simulated one may stand in. */
  readonly named: boolean;
}

/**
 * Finds the engine, agrees on an API version and learns what it is. Where nobody chose, all usual
 * sockets are tried at once, for 1.5 s, and the first in order that answers is taken. A chosen
 * endpoint that does not answer is a failure: another engine never takes its place unasked.
 */
export async function connectEngine(
  options: ConnectOptions,
): Promise<Result<Engine, ConnectFailure>> {
  const { environment, logger, signal } = options;
  const found = await findEndpoints(environment, options.endpoint);
  if (!found.ok) {
    const attempt = { endpoint: '', ...found.error };
    return failed({ attempts: [attempt], named: true });
  }
  const choice = found.value;
  const endpoints = choice.kind === 'usual' ? choice.endpoints : [choice.endpoint];
  const answers = await Promise.all(
    endpoints.map((endpoint) => probe(endpoint, environment, signal)),
  );
  const attempts: ConnectAttempt[] = [];
  const contacts: { readonly endpoint: Endpoint; readonly contact: Contact }[] = [];
  for (const [index, endpoint] of endpoints.entries()) {
    const answer = answers[index];
    if (answer?.ok === true) contacts.push({ endpoint, contact: answer.value });
    else if (answer !== undefined) attempts.push(attemptOf(endpoint, answer.error));
  }
  let engine: Engine | undefined;
  for (const { endpoint, contact } of contacts) {
    if (engine !== undefined) {
      logger.info(
        `Another engine answers at ${nameOfAddress(endpoint.address)}; it is not watched.`,
      );
      contact.transport.close();
      continue;
    }
    const made = await introduce(endpoint, contact, environment, signal);
    if (made.ok) {
      engine = made.value;
    } else {
      contact.transport.close();
      attempts.push(attemptOf(endpoint, made.error));
    }
  }
  if (engine === undefined) return failed({ attempts, named: choice.kind === 'named' });
  logger.debug(
    `Connected to ${engine.about.endpoint} (${engine.about.source}), API ${engine.about.apiVersion}.`,
  );
  return ok(engine);
}

function attemptOf(endpoint: Endpoint, error: EngineError): ConnectAttempt {
  return { endpoint: nameOfAddress(endpoint.address), source: endpoint.source, error };
}

/** Agrees on a version and asks the engine who it is. Closes nothing. */
async function introduce(
  endpoint: Endpoint,
  contact: Contact,
  environment: EngineEnvironment,
  signal: AbortSignal,
): Promise<Result<Engine, EngineError>> {
  const { transport } = contact;
  const first = createModem(transport, undefined);
  const version = await ask('version', () => first.get('/version', {}, signal), versionPayload);
  if (!version.ok) return version;
  const theirs = version.value.ApiVersion === '' ? contact.apiVersion : version.value.ApiVersion;
  const apiVersion = negotiateApi(theirs, version.value.MinAPIVersion);
  if (!apiVersion.ok) return apiVersion;
  const modem = createModem(transport, apiVersion.value);
  const info = await ask('info', () => modem.get('/info', {}, signal), infoPayload);
  if (!info.ok) return info;
  const about = aboutOf(endpoint, apiVersion.value, version.value, info.value);
  const place = {
    endpoint: about.endpoint,
    kind: endpoint.address.kind,
    platform: environment.platform,
  };
  return ok(createDockerodeEngine({ about, transport, modem, place }));
}

async function ask<Value>(
  what: string,
  call: () => Promise<{ readonly text: string }>,
  schema: z.ZodType<Value>,
): Promise<Result<Value, EngineError>> {
  try {
    return readPayload(what, (await call()).text, schema);
  } catch (error) {
    if (error instanceof CallFailure) return failed(error.engineError);
    throw error;
  }
}

function aboutOf(
  endpoint: Endpoint,
  apiVersion: string,
  version: VersionPayload,
  info: InfoPayload,
): EngineAbout {
  const name = nameOfAddress(endpoint.address);
  return {
    endpoint: name,
    source: endpoint.source,
    id: engineId(version, info, name),
    name: info.Name,
    version: version.Version === '' ? info.ServerVersion : version.Version,
    apiVersion,
    simulated: isSimulated(info),
    cgroupVersion: info.CgroupVersion === '1' ? 1 : info.CgroupVersion === '2' ? 2 : undefined,
    hostMemoryBytes: info.MemTotal,
    hostCpus: info.NCPU,
    runtimes: Object.entries(info.Runtimes).map(([name, { path, runtimeArgs }]) => ({
      name,
      path,
      args: runtimeArgs,
    })),
  };
}

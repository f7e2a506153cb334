import { failed, ok, type Result } from '../runtime/result.ts';
import { defaultAddress, nameOfAddress, parseAddress, type Address } from './address.ts';
import { configFolder, contextAddress, currentContext, readTls } from './docker-context.ts';
import type { EngineEnvironment } from './environment.ts';
import type { EngineError } from './port.ts';
import { usualSockets } from './usual-sockets.ts';

/** A place where an engine may listen. */
export interface Endpoint {
  readonly address: Address;
  /** Where it came from, in words: `DOCKER_HOST`, `context colima`, `usual socket of Docker`. */
  readonly source: string;
}

/** Where to look for the engine. */
export type EndpointChoice =
  /** Named to Sentra or by the environment, or set in docker's own settings: no other will do. */
  | { readonly kind: 'named' | 'set'; readonly endpoint: Endpoint }
  /** Nobody chose: the first of these that answers. */
  | { readonly kind: 'usual'; readonly endpoints: readonly Endpoint[] };

/**
 * Finds where to look for the engine, as the docker CLI does: `explicit` (an address such as
 * `unix:///path`, or the name of a context), then DOCKER_HOST, then DOCKER_CONTEXT, then the
 * context set by `docker context use`, then the usual sockets. The failure names what was chosen
 * and why it cannot be used.
 */
export async function findEndpoints(
  environment: EngineEnvironment,
  explicit?: string,
): Promise<Result<EndpointChoice, { readonly source: string; readonly error: EngineError }>> {
  if (explicit !== undefined && explicit !== '') {
    const isAddress = /:\/\/|^[^/]+:\d+$/.test(explicit);
    if (explicit.startsWith('/'))
      return await byHost(environment, `unix://${explicit}`, 'your choice');
    return isAddress
      ? await byHost(environment, explicit, 'your choice')
      : await byContext(environment, explicit, `context ${explicit}`);
  }
  const host = environment.variables['DOCKER_HOST'];
  if (host !== undefined && host !== '') return await byHost(environment, host, 'DOCKER_HOST');
  const told = environment.variables['DOCKER_CONTEXT'];
  if (told !== undefined && told !== '') {
    return await byContext(environment, told, `DOCKER_CONTEXT ${told}`);
  }
  const current = await currentContext(environment);
  if (!current.ok) return failed({ source: 'docker settings', error: current.error });
  // `default` set in the settings is what they say when nobody ever chose.
  if (current.value !== undefined && current.value !== 'default') {
    return await byContext(environment, current.value, `context ${current.value}`, 'set');
  }
  return ok({ kind: 'usual', endpoints: usualEndpoints(environment) });
}

function usualEndpoints(environment: EngineEnvironment): readonly Endpoint[] {
  const seen = new Set<string>();
  const endpoints: Endpoint[] = [];
  for (const { product, address } of usualSockets(environment)) {
    const name = nameOfAddress(address);
    if (seen.has(name)) continue;
    seen.add(name);
    endpoints.push({ address, source: `usual socket of ${product}` });
  }
  return endpoints;
}

type Found = Promise<
  Result<EndpointChoice, { readonly source: string; readonly error: EngineError }>
>;

function chosen(
  address: Result<Address, EngineError>,
  source: string,
  kind: 'named' | 'set' = 'named',
): Awaited<Found> {
  return address.ok
    ? ok({ kind, endpoint: { address: address.value, source } })
    : failed({ source, error: address.error });
}

/** The context `default` is the CLI's own endpoint; it has no file. */
async function byContext(
  environment: EngineEnvironment,
  name: string,
  source: string,
  kind?: 'named' | 'set',
): Found {
  if (name === 'default') return chosen(ok(defaultAddress(environment.platform)), source, kind);
  return chosen(await contextAddress(environment, name), source, kind);
}

async function byHost(environment: EngineEnvironment, host: string, source: string): Found {
  const { variables } = environment;
  const wanted = [variables['DOCKER_TLS_VERIFY'], variables['DOCKER_TLS']];
  // Only TCP knows TLS. Without DOCKER_TLS_VERIFY the CLI would not verify; Sentra always does.
  if (/^(?:unix|npipe|ssh):/.test(host) || wanted.every((each) => (each ?? '') === '')) {
    return chosen(parseAddress(host, environment.platform, undefined), source);
  }
  const told = variables['DOCKER_CERT_PATH'];
  const folder = told === undefined || told === '' ? configFolder(environment) : told;
  const tls = await readTls(environment, folder);
  if (!tls.ok) return failed({ source, error: tls.error });
  const material = tls.value ?? { ca: undefined, certificate: undefined, key: undefined };
  return chosen(parseAddress(host, environment.platform, material), source);
}

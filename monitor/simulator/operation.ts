/** The calls that the simulator knows. */
export type Operation =
  | 'ping'
  | 'version'
  | 'info'
  | 'list'
  | 'inspect'
  | 'top'
  | 'stats'
  | 'events'
  | 'networks'
  | 'network'
  | 'pause'
  | 'unpause'
  | 'kill'
  | 'stop'
  | 'start'
  | 'update'
  | 'restart'
  | 'connect'
  | 'disconnect';

/** A call, and the container or network in its path. */
export interface Call {
  readonly operation: Operation;
  readonly reference: string;
}

const plainPaths: ReadonlyMap<string, Operation> = new Map([
  ['/_ping', 'ping'],
  ['/version', 'version'],
  ['/info', 'info'],
  ['/containers/json', 'list'],
  ['/events', 'events'],
  ['/networks', 'networks'],
]);
const containerReads: ReadonlyMap<string, Operation> = new Map([
  ['json', 'inspect'],
  ['top', 'top'],
  ['stats', 'stats'],
]);
const containerActions: ReadonlyMap<string, Operation> = new Map([
  ['pause', 'pause'],
  ['unpause', 'unpause'],
  ['kill', 'kill'],
  ['stop', 'stop'],
  ['start', 'start'],
  ['update', 'update'],
  ['restart', 'restart'],
]);
const networkActions: ReadonlyMap<string, Operation> = new Map([
  ['connect', 'connect'],
  ['disconnect', 'disconnect'],
]);

/** Which call a method and a path (without version) make; undefined for one that is not known. */
export function callOf(method: string, path: string): Call | undefined {
  const plain = plainPaths.get(path);
  if (plain !== undefined) {
    const reads = method === 'GET' || (method === 'HEAD' && plain === 'ping');
    return reads ? { operation: plain, reference: '' } : undefined;
  }
  const [, kind, encoded, verb, ...rest] = path.split('/');
  if (encoded === undefined || encoded === '' || rest.length > 0) return undefined;
  const operation = operationOf(method, kind, verb);
  const reference = decoded(encoded);
  return operation === undefined || reference === undefined ? undefined : { operation, reference };
}

function operationOf(
  method: string,
  kind: string | undefined,
  verb: string | undefined,
): Operation | undefined {
  if (kind === 'networks' && verb === undefined) return method === 'GET' ? 'network' : undefined;
  if (verb === undefined) return undefined;
  if (kind === 'networks') return method === 'POST' ? networkActions.get(verb) : undefined;
  if (kind !== 'containers') return undefined;
  if (method === 'GET') return containerReads.get(verb);
  return method === 'POST' ? containerActions.get(verb) : undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // A broken escape names no container.
    return undefined;
  }
}

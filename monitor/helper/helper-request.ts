import type { ContainerId } from '../model/workload.ts';

/** The protocol of helper/source/request.h. Another number is another helper's. */
export const helperProtocol = 2;

/** A process of a container, by which its network is found. */
export interface HelperPlace {
  readonly container: ContainerId;
  readonly pid: number;
}

/** All that may be asked of the helper. What is text here is checked there by a grammar of its own. */
export type HelperRequest =
  /** What it can do. */
  | { readonly verb: 'hello' }
  /** Every container's networks on the machine, and the resolvers that are there. */
  | { readonly verb: 'places' }
  /** Every resolver's cgroup, and the processes in it. */
  | { readonly verb: 'resolvers' }
  /** By what the kernel sensor knows the container. */
  | { readonly verb: 'cgroup'; readonly place: HelperPlace }
  /** The network of a container's process: what it is, and its interfaces. */
  | { readonly verb: 'look'; readonly place: HelperPlace }
  /** The connection becomes the program that reads walls. */
  | { readonly verb: 'walls' }
  /** The connection becomes the program that holds connections. */
  | { readonly verb: 'holds' }
  /** The connection becomes the program that tells refused programs why. */
  | { readonly verb: 'explains' }
  | { readonly verb: 'apply'; readonly place: HelperPlace; readonly ruleset: string }
  /** Takes wall and resolver away. */
  | { readonly verb: 'remove'; readonly place: HelperPlace }
  /** The connection becomes the resolver's log. */
  | { readonly verb: 'resolve'; readonly place: HelperPlace; readonly configuration: string }
  /** Ends the resolver of a container that runs no more. */
  | { readonly verb: 'forget'; readonly container: ContainerId }
  | {
      readonly verb: 'probe';
      readonly place: HelperPlace;
      readonly uid: number;
      /** Out of a closed list, and names asked of one address: see helper/source/ways.h. */
      readonly ways: readonly string[];
    }
  /** The connection becomes the kernel sensor's loader. */
  | { readonly verb: 'sensor' }
  /** Puts the gate into the engine's own network. */
  | { readonly verb: 'gate'; readonly ruleset: string }
  /** The connection becomes the receiver of what gVisor's sandboxes tell. */
  | { readonly verb: 'gvisor' }
  /** Has the container's sandbox tell the receiver of these points; helper/source/trace.h has their form. */
  | { readonly verb: 'trace'; readonly place: HelperPlace; readonly points: string }
  /** Has it tell no more. */
  | { readonly verb: 'untrace'; readonly place: HelperPlace };

/** The request as it goes over the socket. */
export function encodeRequest(request: HelperRequest): Buffer {
  const words: (string | number)[] = ['sentra-helper', helperProtocol, request.verb];
  let text = Buffer.alloc(0);
  if ('place' in request) words.push(request.place.container, Math.trunc(request.place.pid));
  switch (request.verb) {
    case 'apply':
    case 'gate':
      text = Buffer.from(request.ruleset);
      break;
    case 'resolve':
      text = Buffer.from(request.configuration);
      break;
    case 'trace':
      text = Buffer.from(request.points);
      break;
    case 'forget':
      words.push(request.container);
      break;
    case 'probe':
      words.push(Math.trunc(request.uid));
      text = Buffer.from(`${request.ways.join('\n')}\n`);
      break;
    case 'hello':
    case 'places':
    case 'resolvers':
    case 'cgroup':
    case 'look':
    case 'walls':
    case 'holds':
    case 'explains':
    case 'remove':
    case 'sensor':
    case 'gvisor':
    case 'untrace':
  }
  if (text.length > 0) words.push(text.length);
  return Buffer.concat([Buffer.from(`${words.join(' ')}\n`), text]);
}

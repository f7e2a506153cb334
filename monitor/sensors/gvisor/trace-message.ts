import { posix } from 'node:path';
import { protobufFields, type ProtobufField } from './protobuf.ts';
import { peerOf, unixPath } from './socket-address.ts';

/** Types of messages: gVisor, pkg/sentry/seccheck/points/common.proto. */
const types = {
  containerStart: 1,
  clone: 2,
  raw: 6,
  open: 7,
  connect: 10,
  execve: 11,
  socket: 12,
  copy: 19,
} as const;

/** Who made a call, by the ids that the sandbox gives. */
interface Maker {
  readonly pid: number;
  readonly uid: number;
  /** The name that the process bears, and can choose. */
  readonly name: string;
  /** The error's number; 0 for a success. */
  readonly error: number;
}

/** A message of a trace session, as far as it is used. Text comes from the container: hostile. */
export type TraceMessage =
  /** The container's first program; told where it is traced from its start. */
  | (Omit<Maker, 'error'> & {
      readonly kind: 'container-start';
      readonly arguments: readonly string[];
    })
  | {
      readonly kind: 'clone';
      readonly parent: number;
      readonly child: number;
      /** The user of the parent. */
      readonly uid: number;
    }
  /** A socket that was connected to another machine. */
  | {
      readonly kind: 'contact';
      readonly pid: number;
      readonly descriptor: number;
      readonly socket: string;
      readonly peer: string;
    }
  /** A standard file of the process became what is called so. */
  | {
      readonly kind: 'copy';
      readonly pid: number;
      readonly descriptor: number;
      readonly file: string;
    }
  | (Maker & {
      readonly kind: 'execve';
      readonly path: string;
      /** Whether its file was written since the container is watched. */
      readonly isNew: boolean;
      readonly arguments: readonly string[];
    })
  | (Maker & {
      readonly kind: 'open';
      readonly number: number;
      readonly path: string;
      readonly flags: number;
    })
  | (Maker & { readonly kind: 'connect'; readonly number: number; readonly path: string })
  | (Maker & {
      readonly kind: 'socket';
      readonly number: number;
      readonly family: number;
      readonly protocol: number;
    })
  | (Maker & {
      readonly kind: 'raw';
      readonly number: number;
      readonly arguments: readonly bigint[];
    });

const mostText = 256;
const mostArguments = 32;

/** Reads a message; undefined for one of no use, and for one that makes no sense. */
export function readTraceMessage(
  type: number,
  body: Uint8Array,
  isNew = false,
): TraceMessage | undefined {
  const fields = protobufFields(body);
  if (fields === undefined) return undefined;
  if (type === types.clone) {
    const parent = makerOf(fields);
    const child = numberAt(fields, 4);
    if (parent === undefined || child === 0) return undefined;
    return { kind: 'clone', parent: parent.pid, child, uid: parent.uid };
  }
  if (type === types.containerStart) {
    // Its second field is no call's end.
    const first = makerOf(fields.filter((field) => field.number !== 2));
    if (first === undefined) return undefined;
    const { pid, uid, name } = first;
    return { kind: 'container-start', pid, uid, name, arguments: textsAt(fields, 4) };
  }
  const maker = makerOf(fields);
  if (maker === undefined) return undefined;
  const number = numberAt(fields, type === types.raw ? 4 : 3);
  switch (type) {
    case types.execve:
      return {
        kind: 'execve',
        ...maker,
        path: pathOf(fields),
        isNew,
        arguments: textsAt(fields, 7),
      };
    case types.open:
      return {
        kind: 'open',
        ...maker,
        number,
        path: pathOf(fields),
        flags: numberAt(fields, 7),
      };
    case types.connect: {
      const address = bytesAt(fields, 6);
      const path = unixPath(address);
      if (path !== undefined)
        return { kind: 'connect', ...maker, number, path: path.slice(0, mostText) };
      const peer = peerOf(address);
      if (peer === undefined) return undefined;
      const descriptor = numberAt(fields, 4);
      return { kind: 'contact', pid: maker.pid, descriptor, socket: textAt(fields, 5), peer };
    }
    case types.copy: {
      // Where it went to is what the call gave; of all three calls it is the same.
      const exit = protobufFields(bytesAt(fields, 2)) ?? [];
      const descriptor = numberAt(exit, 1);
      return { kind: 'copy', pid: maker.pid, descriptor, file: textAt(fields, 6) };
    }
    case types.socket: {
      // SOCK_PACKET is the old way to a packet socket.
      const isPacket = (numberAt(fields, 5) & 0xf) === 10;
      const [family, protocol] = [isPacket ? 17 : numberAt(fields, 4), numberAt(fields, 6)];
      return { kind: 'socket', ...maker, number, family, protocol };
    }
    case types.raw: {
      const handed = [5, 6, 7, 8, 9, 10].map((field) => bigAt(fields, field));
      return { kind: 'raw', ...maker, number, arguments: handed };
    }
    default:
      return undefined;
  }
}

function makerOf(fields: readonly ProtobufField[]): Maker | undefined {
  const context = protobufFields(bytesAt(fields, 1));
  const exit = protobufFields(bytesAt(fields, 2));
  if (context === undefined || exit === undefined) return undefined;
  const pid = numberAt(context, 4);
  const credentials = protobufFields(bytesAt(context, 7));
  if (pid === 0 || credentials === undefined) return undefined;
  const [uid, name] = [numberAt(credentials, 2), textAt(context, 9)];
  return { pid, uid, name, error: numberAt(exit, 2) };
}

// What is not there is zero, or empty: that is how the format leaves zeros out.

function bigAt(fields: readonly ProtobufField[], number: number): bigint {
  const field = fields.find((one) => one.number === number && one.kind === 'number');
  return field?.kind === 'number' ? field.value : 0n;
}

function numberAt(fields: readonly ProtobufField[], number: number): number {
  return Number(BigInt.asUintN(32, bigAt(fields, number)));
}

function bytesAt(fields: readonly ProtobufField[], number: number): Uint8Array {
  const field = fields.find((one) => one.number === number && one.kind === 'bytes');
  return field?.kind === 'bytes' ? field.bytes : new Uint8Array();
}

function asText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8').slice(0, mostText);
}

function textAt(fields: readonly ProtobufField[], number: number): string {
  return asText(bytesAt(fields, number));
}

function textsAt(fields: readonly ProtobufField[], number: number): readonly string[] {
  return fields
    .filter((one) => one.number === number && one.kind === 'bytes')
    .slice(0, mostArguments)
    .map((one) => (one.kind === 'bytes' ? asText(one.bytes) : ''));
}

/**
 * A path from the root on: a relative one begins in the folder that was handed over open, else where the
 * process works. What was run by an open file alone bears that file's name.
 */
function pathOf(fields: readonly ProtobufField[]): string {
  const path = textAt(fields, 6);
  const open = textAt(fields, 5);
  if (path === '') return open;
  const context = protobufFields(bytesAt(fields, 1)) ?? [];
  const folder = open === '' ? textAt(context, 8) : open;
  return folder.startsWith('/') ? posix.resolve(folder, path) : path;
}

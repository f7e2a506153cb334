import { protobufFields, type ProtobufField } from './protobuf.ts';

/** Types of messages: gVisor, pkg/sentry/seccheck/points/common.proto. */
const types = {
  containerStart: 1,
  clone: 2,
  raw: 6,
  open: 7,
  connect: 10,
  execve: 11,
  socket: 12,
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
  | { readonly kind: 'clone'; readonly parent: number; readonly child: number }
  | (Maker & {
      readonly kind: 'execve';
      readonly path: string;
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
const unixFamily = 1;

/** Reads a message; undefined for one of no use, and for one that makes no sense. */
export function readTraceMessage(type: number, body: Uint8Array): TraceMessage | undefined {
  const fields = protobufFields(body);
  if (fields === undefined) return undefined;
  if (type === types.clone) {
    const parent = makerOf(fields)?.pid;
    const child = numberAt(fields, 4);
    return parent === undefined || child === 0 ? undefined : { kind: 'clone', parent, child };
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
      return { kind: 'execve', ...maker, path: textAt(fields, 6), arguments: textsAt(fields, 7) };
    case types.open:
      return {
        kind: 'open',
        ...maker,
        number,
        path: textAt(fields, 6),
        flags: numberAt(fields, 7),
      };
    case types.connect: {
      const path = unixPath(bytesAt(fields, 6));
      return path === undefined ? undefined : { kind: 'connect', ...maker, number, path };
    }
    case types.socket: {
      const [family, protocol] = [numberAt(fields, 4), numberAt(fields, 6)];
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

/** The path of a socket address of the family unix: family in two bytes, then the path. */
function unixPath(address: Uint8Array): string | undefined {
  const family = (address[0] ?? 0) | ((address[1] ?? 0) << 8);
  if (family !== unixFamily) return undefined;
  const path = address.subarray(2);
  const end = path.indexOf(0);
  return asText(end < 0 ? path : path.subarray(0, end));
}

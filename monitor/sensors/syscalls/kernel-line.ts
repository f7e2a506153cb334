import * as z from 'zod';
import { failed, ok, type Result } from '../../runtime/result.ts';

/** The longest text kept of a line, characters. */
const mostText = 256;
const mostArguments = 32;

const text = z.string().transform((value) => value.slice(0, mostText));
const cgroup = z.string().regex(/^\d{1,20}$/);
const whole = z.int().nonnegative();

/** What a standard file is: a socket of the network, one of this machine, or anything else. */
const standard = z.enum(['other', 'network', 'local']);

/** Number of the call, how often it was made, how often of these it was refused. */
const counts = z.array(z.tuple([whole, whole, whole])).max(512);

const process = {
  cgroup,
  pid: whole,
  parent: whole,
  uid: whole,
  program: text,
  parentProgram: text,
  parentUid: whole,
  /** When the program's file was changed last, seconds since 1970. */
  changed: z.number(),
  /** Names that the program's file has; none for one in memory, or removed. */
  links: whole,
  name: text,
};

const schema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('added'), cgroup }),
  z.object({ kind: z.literal('full'), cgroup }),
  z.object({ kind: z.literal('failed'), reason: text }),
  z.object({
    kind: z.literal('window'),
    ms: z.number().positive(),
    /** Whether it tells of all containers, or only of those that are looked at closely. */
    all: z.boolean(),
    beats: whole,
    containers: z
      .array(
        z.object({
          cgroup,
          ms: z.number().positive(),
          native: counts,
          compat: counts,
          lost: whole,
          /** Of these the calls; the rest are starts. */
          lostCalls: whole,
        }),
      )
      .max(512),
  }),
  z.object({
    kind: z.literal('start'),
    ...process,
    entered: z.boolean(),
    gainsRoot: z.boolean().default(false),
    input: standard,
    output: standard,
    parentInput: standard,
    remote: z.string().max(45),
    remotePort: whole,
    arguments: z.array(text).transform((all) => all.slice(0, mostArguments)),
    cut: z.boolean(),
  }),
  z.object({
    kind: z.literal('call'),
    ...process,
    compat: z.boolean(),
    number: whole,
    result: z.number(),
    own: z.boolean(),
    self: whole,
    arguments: z.tuple([z.string(), z.string(), z.string()]),
    path: text,
    /** Whether what was opened lies in a /proc; its path is told from there on. */
    inProc: z.boolean(),
    file: text,
  }),
]);

/** One line of the loader, as it is understood. */
export type KernelLine = z.infer<typeof schema>;

export type KernelWindow = Extract<KernelLine, { kind: 'window' }>;
export type KernelStart = Extract<KernelLine, { kind: 'start' }>;
export type KernelCall = Extract<KernelLine, { kind: 'call' }>;

/**
 * Parses a line of the loader. The texts in it come from containers: hostile, cut, and kept apart. The
 * error says what is wrong with the line.
 */
export function parseKernelLine(line: string): Result<KernelLine, string> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return failed('not JSON');
  }
  const parsed = schema.safeParse(value);
  return parsed.success ? ok(parsed.data) : failed(parsed.error.issues[0]?.message ?? 'not a line');
}

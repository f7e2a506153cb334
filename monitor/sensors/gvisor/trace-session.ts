import type { CallNames } from '../syscalls/call-names.ts';

/** The numbers of calls that gVisor has points for: 0 to 441. */
const numberedCalls = 442;

/** Calls whose points tell more than numbers; each of them is asked for by name, and not by number. */
export const namedCalls = [
  'open',
  'openat',
  'creat',
  'execve',
  'execveat',
  'connect',
  'socket',
  'dup',
  'dup2',
  'dup3',
] as const;

/** What a path is about: the folder that the process works in, and what an open file is called. */
const withFolder: ReadonlySet<string> = new Set(['open', 'openat', 'creat', 'execve', 'execveat']);
const withOpenFile: ReadonlySet<string> = new Set([
  'openat',
  'execveat',
  'connect',
  'dup',
  'dup2',
  'dup3',
]);

/** Calls that containers rarely make: of these the process that made them is told too. */
export const rareCalls: ReadonlySet<string> = new Set([
  'ptrace',
  'setuid',
  'setreuid',
  'setresuid',
  'mount',
  'umount2',
  'setns',
  'unshare',
  'bpf',
  'keyctl',
  'add_key',
  'request_key',
  'init_module',
  'finit_module',
  'delete_module',
  'kexec_load',
  'kexec_file_load',
  'pivot_root',
  'process_vm_readv',
  'process_vm_writev',
  'userfaultfd',
  'perf_event_open',
  'io_uring_setup',
  'open_by_handle_at',
  'move_mount',
  'fsopen',
  'fsmount',
  'open_tree',
  'pidfd_getfd',
  'iopl',
  'ioperm',
]);

const context = ['group_id', 'process_name', 'credentials'];

/** One point of gVisor's, with what it is to tell beside the call itself. */
export interface TracePoint {
  readonly name: string;
  readonly optional_fields?: readonly string[];
  readonly context_fields?: readonly string[];
}

/** What gVisor is asked to tell, and where to. */
export interface TraceSession {
  readonly name: 'Default';
  readonly ignore_missing: true;
  readonly points: readonly TracePoint[];
  readonly sinks: readonly object[];
}

/**
 * The points that count every call but those left out, at its end, where its error is known. What
 * is not counted costs nothing. Environments are never asked for: `sentry/execve` would send them,
 * `syscall/execve` does not. Points and fields: gVisor, pkg/sentry/seccheck.
 */
export function tracePoints(
  names: CallNames,
  leftOut: ReadonlySet<number> = new Set(),
): readonly TracePoint[] {
  const points: TracePoint[] = [{ name: 'container/start', context_fields: context }];
  for (let number = 0; number < numberedCalls; number++) {
    const name = names.native(number);
    if (leftOut.has(number) || (namedCalls as readonly string[]).includes(name)) continue;
    if (!rareCalls.has(name)) {
      points.push({ name: `syscall/sysno/${number}/exit` });
      continue;
    }
    // At the end of a call its maker is told only where that is asked for at its beginning as well.
    for (const side of ['enter', 'exit']) {
      points.push({ name: `syscall/sysno/${number}/${side}`, context_fields: context });
    }
  }
  for (const name of namedCalls) {
    const fields = [
      ...(name.startsWith('execve') ? ['argv'] : []),
      ...(withOpenFile.has(name) ? ['fd_path'] : []),
    ];
    points.push({
      name: `syscall/${name}/exit`,
      context_fields: withFolder.has(name) ? [...context, 'cwd'] : context,
      ...(fields.length > 0 ? { optional_fields: fields } : {}),
    });
  }
  points.push({ name: 'sentry/clone', context_fields: context });
  return points;
}

/** A session that tells of the points to the receiver behind the endpoint, a path. */
export function traceSession(endpoint: string, points: readonly TracePoint[]): TraceSession {
  return {
    name: 'Default',
    ignore_missing: true,
    points,
    // Without the last a container would not start while nobody listens.
    sinks: [{ name: 'remote', config: { endpoint, retries: 0 }, ignore_setup_error: true }],
  };
}

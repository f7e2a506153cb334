import type { Technique } from '../../model/finding.ts';

/**
 * What a system call can do to the world outside its process:
 * - `internal`: nothing. Its own memory, threads, clock, waiting and signals. How often it is called
 *   follows from load, garbage collection and thread pools, and says next to nothing about intent.
 * - `grave`: what containers hardly ever need and escapes are made of.
 * - `outward`: everything else: files, programs, sockets, identity.
 *
 * After the threat levels of Bernaschi, Gabrielli, Mancini, "REMUS: a security-enhanced operating
 * system", ACM TISSEC 5(1), 2002: level 4, harmless, against those that give control away.
 */
export type CallClass = 'internal' | 'outward' | 'grave';

const internal = new Set(
  [
    // Memory of its own.
    'brk mmap mmap2 munmap mremap mprotect madvise mincore membarrier',
    // Scheduling and synchronisation; the `switch` that some tracers count among the calls.
    'sched_yield sched_getaffinity getcpu futex futex_time64 futex_waitv switch',
    // Birth and death of threads. `exit` ends a thread, `exit_group` a process.
    'set_robust_list rseq exit procexit restart_syscall',
    // Signals as they arrive, and their masks.
    'signaldeliver sigreturn rt_sigreturn sigprocmask rt_sigprocmask',
    // Time, and waiting for it or for something to read.
    'time times gettimeofday clock_gettime clock_gettime64 clock_getres nanosleep clock_nanosleep',
    'clock_nanosleep_time64 poll ppoll ppoll_time64 select pselect6 pselect6_time64',
    'epoll_wait epoll_pwait epoll_pwait2',
  ].flatMap((line) => line.split(' ')),
);

const escape: Technique = { id: 'T1611', name: 'Escape to Host' };
const injection: Technique = { id: 'T1055', name: 'Process Injection' };
const modules: Technique = {
  id: 'T1547.006',
  name: 'Boot or Logon Autostart Execution: Kernel Modules and Extensions',
};
const exploitation: Technique = { id: 'T1068', name: 'Exploitation for Privilege Escalation' };

// Not `io_uring_setup`: Node's event loop tries it at every start.
const grave: ReadonlyMap<string, Technique> = new Map([
  ...withTechnique(escape, 'mount umount2 move_mount open_tree fsopen fsmount pivot_root'),
  ...withTechnique(escape, 'setns unshare open_by_handle_at bpf kexec_load kexec_file_load'),
  ...withTechnique(injection, 'ptrace process_vm_readv process_vm_writev pidfd_getfd'),
  ...withTechnique(modules, 'init_module finit_module delete_module'),
  ...withTechnique(exploitation, 'keyctl add_key request_key userfaultfd perf_event_open'),
  ...withTechnique(exploitation, 'iopl ioperm'),
]);

function withTechnique(technique: Technique, names: string): [string, Technique][] {
  return names.split(' ').map((name) => [name, technique]);
}

/** Calls of another table than the machine's own bear its name before theirs: `i386:ptrace`. */
function bare(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}

/** Classes that were asked for: a busy container makes the same fifty calls each second. */
const asked = new Map<string, CallClass>();

/** As many as there are names in the kernel's tables, with their 32-bit twins. */
const mostAsked = 1_000;

/** The class of a call by its name as the kernel's tables spell it; unknown names are `outward`. */
export function classOfCall(spelt: string): CallClass {
  const known = asked.get(spelt);
  if (known !== undefined) return known;
  const found = classOf(bare(spelt));
  if (asked.size < mostAsked) asked.set(spelt, found);
  return found;
}

function classOf(name: string): CallClass {
  if (internal.has(name)) return 'internal';
  return grave.has(name) ? 'grave' : 'outward';
}

/** What a grave call is used for; undefined for every other. */
export function techniqueOfCall(name: string): Technique | undefined {
  return grave.get(bare(name));
}

/**
 * Kinds of call that hardly any program makes: each has a function of its own in the C library that at
 * most two of 2,520 programs and libraries of a Debian 12 with 850 packages import (desktop, compilers,
 * Python, databases, network tools), or is one that Linux never had or has taken out again. The way of
 * counting is that of Tsai, Jain, Abdul and Porter, "A Study of Modern Linux API Usage and
 * Compatibility", EuroSys 2016, who find over half of all calls used by less than a tenth of packages.
 *
 * Left out is what cannot be counted so, since it has no such function or a new one (io_uring, pidfd,
 * landlock, process_madvise, futex2), and what runtimes and browsers call past the library (pkey_alloc).
 * Grave calls are told in any case (see `call-class.ts`).
 */
const rare: ReadonlySet<string> = new Set(
  [
    // Pages that change hands between pipes, files and memory.
    'vmsplice tee remap_file_pages',
    // The watching of a whole file system, segments of the processor, queues of messages.
    'fanotify_init fanotify_mark modify_ldt',
    'mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr',
    // What administers a machine.
    'acct swapon swapoff vhangup setdomainname adjtimex clock_adjtime',
    // Gone, or never there.
    '_sysctl afs_syscall create_module epoll_ctl_old epoll_wait_old get_kernel_syms getpmsg',
    'lookup_dcookie nfsservctl putpmsg query_module security sysfs tuxcall uselib ustat vserver',
  ].flatMap((line) => line.split(' ')),
);

/** Whether hardly any program makes calls of this kind; by its name as the kernel's tables spell it. */
export function isRareKind(name: string): boolean {
  return rare.has(name);
}

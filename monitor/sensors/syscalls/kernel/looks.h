/* Which calls are looked at, by number: the kernel's own tables, per architecture. */
#pragma once

#include <asm/unistd.h>
#include "shared.h"

struct look_of_call {
	int number;
	enum look look;
};

static const struct look_of_call native_looks[] = {
	{ __NR_ptrace, LOOK_PTRACE },
	{ __NR_mount, LOOK_ALWAYS },
	{ __NR_umount2, LOOK_ALWAYS },
	{ __NR_setns, LOOK_ALWAYS },
	{ __NR_unshare, LOOK_ALWAYS },
	{ __NR_bpf, LOOK_ALWAYS },
	{ __NR_keyctl, LOOK_ALWAYS },
	{ __NR_add_key, LOOK_ALWAYS },
	{ __NR_request_key, LOOK_ALWAYS },
	{ __NR_init_module, LOOK_ALWAYS },
	{ __NR_finit_module, LOOK_ALWAYS },
	{ __NR_delete_module, LOOK_ALWAYS },
	{ __NR_kexec_load, LOOK_ALWAYS },
	{ __NR_kexec_file_load, LOOK_ALWAYS },
	{ __NR_pivot_root, LOOK_ALWAYS },
	{ __NR_process_vm_readv, LOOK_PROCESS_VM },
	{ __NR_process_vm_writev, LOOK_PROCESS_VM },
	{ __NR_userfaultfd, LOOK_ALWAYS },
	{ __NR_perf_event_open, LOOK_ALWAYS },
	{ __NR_io_uring_setup, LOOK_ALWAYS },
	{ __NR_open_by_handle_at, LOOK_ALWAYS },
	{ __NR_move_mount, LOOK_ALWAYS },
	{ __NR_fsopen, LOOK_ALWAYS },
	{ __NR_open_tree, LOOK_ALWAYS },
	{ __NR_fsmount, LOOK_ALWAYS },
	{ __NR_pidfd_getfd, LOOK_ALWAYS },
#ifdef __NR_iopl
	{ __NR_iopl, LOOK_ALWAYS },
	{ __NR_ioperm, LOOK_ALWAYS },
#endif
	{ __NR_socket, LOOK_SOCKET },
	{ __NR_connect, LOOK_CONNECT },
	{ __NR_setuid, LOOK_SETUID },
	{ __NR_setreuid, LOOK_SETREUID },
	{ __NR_setresuid, LOOK_SETRESUID },
#ifdef __NR_open
	{ __NR_open, LOOK_OPEN },
#endif
	{ __NR_openat, LOOK_OPENAT },
	{ __NR_openat2, LOOK_OPENAT2 },
};

#if defined(__x86_64__)
/* arch/x86/entry/syscalls/syscall_64.tbl of Linux: what is marked there as x32. */
static const uint16_t native_of_x32[X32_CALLS] = {
	__NR_rt_sigaction,
	__NR_rt_sigreturn,
	__NR_ioctl,
	__NR_readv,
	__NR_writev,
	__NR_recvfrom,
	__NR_sendmsg,
	__NR_recvmsg,
	__NR_execve,
	__NR_ptrace,
	__NR_rt_sigpending,
	__NR_rt_sigtimedwait,
	__NR_rt_sigqueueinfo,
	__NR_sigaltstack,
	__NR_timer_create,
	__NR_mq_notify,
	__NR_kexec_load,
	__NR_waitid,
	__NR_set_robust_list,
	__NR_get_robust_list,
	__NR_vmsplice,
	__NR_move_pages,
	__NR_preadv,
	__NR_pwritev,
	__NR_rt_tgsigqueueinfo,
	__NR_recvmmsg,
	__NR_sendmmsg,
	__NR_process_vm_readv,
	__NR_process_vm_writev,
	__NR_setsockopt,
	__NR_getsockopt,
	__NR_io_setup,
	__NR_io_submit,
	__NR_execveat,
	__NR_preadv2,
	__NR_pwritev2,
};

/* arch/x86/entry/syscalls/syscall_32.tbl of Linux. */
static const struct look_of_call compat_looks[] = {
	{ 26, LOOK_PTRACE },       { 21, LOOK_ALWAYS },        { 52, LOOK_ALWAYS },
	{ 346, LOOK_ALWAYS },      { 310, LOOK_ALWAYS },       { 357, LOOK_ALWAYS },
	{ 288, LOOK_ALWAYS },      { 286, LOOK_ALWAYS },       { 287, LOOK_ALWAYS },
	{ 128, LOOK_ALWAYS },      { 350, LOOK_ALWAYS },       { 129, LOOK_ALWAYS },
	{ 283, LOOK_ALWAYS },      { 217, LOOK_ALWAYS },       { 347, LOOK_PROCESS_VM },
	{ 348, LOOK_PROCESS_VM },  { 374, LOOK_ALWAYS },       { 336, LOOK_ALWAYS },
	{ 425, LOOK_ALWAYS },      { 342, LOOK_ALWAYS },       { 429, LOOK_ALWAYS },
	{ 430, LOOK_ALWAYS },      { 359, LOOK_SOCKET },       { 362, LOOK_CONNECT },
	{ 102, LOOK_SOCKETCALL },  { 213, LOOK_SETUID },       { 203, LOOK_SETREUID },
	{ 208, LOOK_SETRESUID },   { 5, LOOK_OPEN },           { 295, LOOK_OPENAT },
	{ 437, LOOK_OPENAT2 },     { 428, LOOK_ALWAYS },       { 432, LOOK_ALWAYS },
	{ 438, LOOK_ALWAYS },      { 110, LOOK_ALWAYS },       { 101, LOOK_ALWAYS },
};
#else
/* arch/arm/tools/syscall.tbl of Linux. */
static const struct look_of_call compat_looks[] = {
	{ 26, LOOK_PTRACE },       { 21, LOOK_ALWAYS },        { 52, LOOK_ALWAYS },
	{ 375, LOOK_ALWAYS },      { 337, LOOK_ALWAYS },       { 386, LOOK_ALWAYS },
	{ 311, LOOK_ALWAYS },      { 309, LOOK_ALWAYS },       { 310, LOOK_ALWAYS },
	{ 128, LOOK_ALWAYS },      { 379, LOOK_ALWAYS },       { 129, LOOK_ALWAYS },
	{ 347, LOOK_ALWAYS },      { 218, LOOK_ALWAYS },       { 376, LOOK_PROCESS_VM },
	{ 377, LOOK_PROCESS_VM },  { 388, LOOK_ALWAYS },       { 364, LOOK_ALWAYS },
	{ 425, LOOK_ALWAYS },      { 371, LOOK_ALWAYS },       { 429, LOOK_ALWAYS },
	{ 430, LOOK_ALWAYS },      { 281, LOOK_SOCKET },       { 283, LOOK_CONNECT },
	{ 213, LOOK_SETUID },      { 203, LOOK_SETREUID },     { 208, LOOK_SETRESUID },
	{ 5, LOOK_OPEN },          { 322, LOOK_OPENAT },       { 437, LOOK_OPENAT2 },
	{ 428, LOOK_ALWAYS },      { 432, LOOK_ALWAYS },       { 438, LOOK_ALWAYS },
};
#endif

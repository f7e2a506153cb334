// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * Counts the system calls of watched cgroups and reports the single ones that matter. Attached to
 * sys_exit alone: what seccomp refuses never shows at sys_enter. Arguments are still in the saved
 * registers there; texts that they point to may have been changed by another thread meanwhile.
 */
#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "kernel-types.h"
#include <bpf/bpf_tracing.h>
#include "shared.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define DEPTH 16
/* Beyond these, a CPU looks into the map. */
#define RECENT_CPUS 1024
#define RECENT_CGROUPS 4
#define EPERM 1
#define EACCES 13
#define ENOSYS 38
#define O_ACCMODE 3

const volatile struct settings settings SEC(SETTINGS_SECTION) = { .form = FORM };

struct control control SEC(CONTROL_SECTION);

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CONTAINERS);
	__type(key, __u64);
	__type(value, __u32);
} watched SEC(".maps");

/* The same for the cgroups that each CPU met last: looking there costs no call of a helper. */
struct recent {
	__u64 cgroup;
	struct slot_of_cgroup found;
};

struct recent recents[RECENT_CPUS][RECENT_CGROUPS];

/* What was found out about a cgroup, so that its ancestors are walked once. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct slot_of_cgroup);
} known SEC(".maps");

struct tally_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct tally));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, CONTAINERS);
	__type(key, __u32);
	__array(values, struct tally_map);
} tallies SEC(".maps");

/* A ring for what may be an attack, which the starts of another container's build must not fill. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} starts SEC(".maps");

/* A process that was put into a cgroup from outside and still runs the program it came with. */
struct entry {
	__u64 start_time;
	__u64 mount_namespace;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct entry);
} entering SEC(".maps");

static __always_inline struct cgroup *cgroup_of(struct task_struct *task)
{
	if (settings.unified)
		return task->cgroups->dfl_cgrp;
	return task->cgroups->subsys[bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id)]->cgroup;
}

static __noinline __u32 find_slot(struct task_struct *task)
{
	struct cgroup *cgroup;
	struct slot_of_cgroup found = { .generation = control.generation, .slot = NOBODY };
	__u64 own, id;

	task = bpf_get_current_task_btf();
	cgroup = cgroup_of(task);
	own = cgroup->kn->id;
	for (int i = 0; i < DEPTH; i++) {
		struct cgroup_subsys_state *parent;
		__u32 *slot;

		id = BPF_CORE_READ(cgroup, kn, id);
		slot = bpf_map_lookup_elem(&watched, &id);
		if (slot) {
			found.slot = *slot;
			break;
		}
		parent = BPF_CORE_READ(cgroup, self.parent);
		if (!parent)
			break;
		cgroup = BPF_CORE_READ(parent, cgroup);
		if (!cgroup)
			break;
	}
	bpf_map_update_elem(&known, &own, &found, BPF_ANY);
	return found.slot;
}

/* The slot of the container that the running task belongs to. */
static __noinline __u32 slot_of_current(struct task_struct *task)
{
	task = bpf_get_current_task_btf();
	__u64 id = cgroup_of(task)->kn->id;
	struct slot_of_cgroup *found = bpf_map_lookup_elem(&known, &id);

	if (found && found->generation == control.generation)
		return found->slot;
	return find_slot(task);
}

/*
 * The same, by what this CPU met last. Ids of cgroups are not used twice, so that nothing old is taken
 * for new. For sys_exit alone: there nothing else of ours runs on the CPU meanwhile.
 */
static __always_inline __u32 slot_at_once(struct task_struct *task)
{
	__u64 id = cgroup_of(task)->kn->id;
	__u32 cpu = bpf_get_smp_processor_id();
	__u32 generation = control.generation;
	struct recent *recent;

	if (cpu >= RECENT_CPUS)
		return slot_of_current(task);
	recent = &recents[cpu][id % RECENT_CGROUPS];
	if (recent->cgroup != id || recent->found.generation != generation) {
		recent->found.slot = slot_of_current(task);
		recent->found.generation = generation;
		recent->cgroup = id;
	}
	return recent->found.slot;
}

static __always_inline struct tally *tally_of(__u32 slot)
{
	__u32 first = 0;
	void *map = bpf_map_lookup_elem(&tallies, &slot);

	return map ? bpf_map_lookup_elem(map, &first) : NULL;
}

/* Whether the process still is what came from outside: the runtime before it starts the command. */
static __always_inline struct entry *entry_of(struct task_struct *task)
{
	__u32 tgid = task->tgid;
	struct entry *entry = bpf_map_lookup_elem(&entering, &tgid);

	return entry && entry->start_time == task->group_leader->start_time ? entry : NULL;
}

/* The mount namespace of the loader, in which all that is Sentra's runs. */
static __u64 home;

/*
 * Whether the process was put in from outside, runs what it came with and is still where Sentra is: what
 * tries the container's wall, or a runtime on its way in. Its calls are not the container's. No process of
 * a container can become one: it would have to be put into its cgroup by somebody outside.
 */
static __always_inline bool is_visitor(struct task_struct *task)
{
	return (__u64)task->nsproxy->mnt_ns == home && entry_of(task);
}

static __always_inline void enter(struct task_struct *task, __u64 mount_namespace)
{
	__u32 tgid = BPF_CORE_READ(task, tgid);
	struct entry entry = {
		.start_time = BPF_CORE_READ(task, group_leader, start_time),
		.mount_namespace = mount_namespace,
	};

	bpf_map_update_elem(&entering, &tgid, &entry, BPF_ANY);
}

/* Whether one more event of the kind may be handed over within this second. */
static __always_inline bool has_room(struct tally *tally, enum kind_of_event kind)
{
	__u64 now = bpf_ktime_get_ns();

	if (now - tally->window_ns > 1000000000ull) {
		tally->window_ns = now;
		for (int i = 0; i < EVENT_KINDS; i++)
			tally->events[i] = 0;
	}
	if (tally->events[kind] < EVENTS_A_SECOND) {
		tally->events[kind]++;
		return true;
	}
	tally->lost[kind]++;
	return false;
}

/* Mounts that lie on each other in one path at most, as far as it is followed. */
#define MOUNTS 6

/*
 * The path as the container has it: at the root of a file system it goes on at what that is mounted on.
 * With `own` it ends there. Not static, so that the kernel checks it once and not for each caller;
 * therefore the file, a struct file, comes as a number.
 */
__noinline int read_parts(struct parts *parts, __u64 address, int own)
{
	struct file *file = (void *)address;
	struct vfsmount *view;
	struct mount *mount;
	struct dentry *dentry, *root;
	__u32 count = 0;

	if (!parts)
		return 0;
	parts->count = 0;
	parts->complete = 0;
	dentry = BPF_CORE_READ(file, f_path.dentry);
	view = BPF_CORE_READ(file, f_path.mnt);
	mount = (void *)view - bpf_core_field_offset(struct mount, mnt);
	root = BPF_CORE_READ(view, mnt_root);
	for (int i = 0; i < NAMES + MOUNTS; i++) {
		struct dentry *parent = BPF_CORE_READ(dentry, d_parent);

		if (!dentry || dentry == root || parent == dentry) {
			struct mount *below = BPF_CORE_READ(mount, mnt_parent);

			if (own || !dentry || !below || below == mount) {
				parts->complete = 1;
				break;
			}
			dentry = BPF_CORE_READ(mount, mnt_mountpoint);
			mount = below;
			root = BPF_CORE_READ(mount, mnt.mnt_root);
			continue;
		}
		if (count >= NAMES)
			break;
		bpf_probe_read_kernel_str(parts->names[count], NAME_LENGTH,
					  BPF_CORE_READ(dentry, d_name.name));
		count++;
		parts->count = count;
		dentry = parent;
	}
	return 0;
}

static __always_inline __s64 changed_s(struct inode *inode)
{
	struct inode___66 *middle = (void *)inode;
	struct inode___old *old = (void *)inode;

	if (bpf_core_field_exists(inode->i_ctime_sec))
		return BPF_CORE_READ(inode, i_ctime_sec);
	if (bpf_core_field_exists(middle->__i_ctime))
		return BPF_CORE_READ(middle, __i_ctime.tv_sec);
	if (bpf_core_field_exists(old->i_ctime))
		return BPF_CORE_READ(old, i_ctime.tv_sec);
	return 0x7fffffffffffffffll;
}

static __always_inline void describe(struct event *event, struct task_struct *task, __u32 slot)
{
	struct file *program = BPF_CORE_READ(task, mm, exe_file);

	event->slot = slot;
	event->pid = task->tgid;
	event->parent = task->real_parent->tgid;
	event->uid = (__u32)bpf_get_current_uid_gid();
	event->program_changed_s = changed_s(BPF_CORE_READ(program, f_inode));
	event->program_links = BPF_CORE_READ(program, f_inode, i_nlink);
	read_parts(&event->program, (__u64)program, 0);
	read_parts(&event->parent_program,
		   (__u64)BPF_CORE_READ(task, real_parent, mm, exe_file), 0);
	event->parent_uid = BPF_CORE_READ(task, real_parent, real_cred, uid.val);
	event->remote.family = 0;
	event->input = event->output = event->parent_input = 0;
	event->file.count = 0;
	event->in_proc = 0;
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	event->text_length = 0;
	event->text[0] = 0;
}

#include "rare-calls.bpf.h"
#include "standard-files.bpf.h"

#if defined(__TARGET_ARCH_x86)
#define X32_BIT 0x40000000u
#define X32_MASK 0xc0000000u

/*
 * The x32 way to call x86-64 has the native numbers behind a bit, but for calls whose data differ. So it
 * is also told of where the kernel has no x32 and refuses it.
 */
static __always_inline __u32 native_number(__u32 number)
{
	__u32 own;

	if ((number & X32_MASK) != X32_BIT)
		return number;
	number -= X32_BIT;
	own = number - X32_FIRST;
	return own < X32_CALLS ? settings.native_of_x32[own] : number;
}
#endif

SEC("tp_btf/sys_exit")
int BPF_PROG(on_call, struct pt_regs *regs, long result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 slot = slot_at_once(task);
	struct tally *tally;
	__u32 number, compat;

	if (slot >= CONTAINERS) {
		if (task->tgid == control.loader) {
			control.beats++;
			home = (__u64)task->nsproxy->mnt_ns;
		}
		return 0;
	}
	tally = tally_of(slot);
	if (!tally)
		return 0;
#if defined(__TARGET_ARCH_x86)
	compat = (task->thread_info.status & 2) ? COMPAT : NATIVE; /* TS_COMPAT */
	number = (__u32)regs->orig_ax;
	if (compat == NATIVE)
		number = native_number(number);
#else
	compat = (task->thread_info.flags & (1ul << 22)) ? COMPAT : NATIVE; /* TIF_32BIT */
	number = (__u32)regs->syscallno;
#endif
	/* A return from a signal handler takes its own number away. */
	if (number == (__u32)-1)
		number = RT_SIGRETURN(compat);
	if (number >= NUMBERS)
		number = NUMBERS - 1;
	if (!is_visitor(task)) {
		tally->calls[compat][number]++;
		if (result == -EPERM || result == -EACCES || result == -ENOSYS)
			tally->refused[compat][number]++;
	}
	if (!control.dirty[slot])
		control.dirty[slot] = 1;
	if (settings.looks[compat][number])
		look_at(task, regs, result, number, compat, slot, tally);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old_pid, struct linux_binprm *binprm)
{
	struct task_struct *current = bpf_get_current_task_btf();
	__u32 slot = slot_of_current(current);
	struct entry *entry = entry_of(current);
	__u32 tgid = current->tgid;
	struct event *event;
	struct tally *tally;
	unsigned long start, length;
	bool entered = false;

	if (entry) {
		/* The runtime executes itself anew before it leaves the namespace that it came from. */
		if (entry->mount_namespace == (__u64)current->nsproxy->mnt_ns)
			return 0;
		bpf_map_delete_elem(&entering, &tgid);
		entered = true;
	}
	if (slot >= CONTAINERS)
		return 0;
	tally = tally_of(slot);
	if (!tally)
		return 0;
	if (!control.dirty[slot])
		control.dirty[slot] = 1;
	if (!has_room(tally, EVENT_START))
		return 0;
	event = bpf_ringbuf_reserve(&starts, sizeof(*event), 0);
	if (!event) {
		tally->lost[EVENT_START]++;
		return 0;
	}
	describe(event, current, slot);
	event->is_start = 1;
	event->flag = entered;
	event->gains_root = event->uid != 0 && BPF_CORE_READ(current, real_cred, euid.val) == 0;
	read_standard_files(event, current);
	start = BPF_CORE_READ(current, mm, arg_start);
	length = BPF_CORE_READ(current, mm, arg_end) - start;
	if (length > ARGUMENTS_LENGTH)
		length = ARGUMENTS_LENGTH;
	if (bpf_probe_read_user(event->text, length, (void *)start) == 0)
		event->text_length = length;
	/* The loader looks by itself four times a second; what may be an attack does not wait for that. */
	bpf_ringbuf_submit(event, is_pressing(event) ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
	return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
	struct task_struct *current = bpf_get_current_task_btf();
	struct entry *entry = entry_of(current);

	if (BPF_CORE_READ(child, tgid) == current->tgid)
		return 0;
	if (entry)
		enter(child, entry->mount_namespace);
	else if (BPF_CORE_READ(child, cgroups) != current->cgroups && slot_of_current(current) == NOBODY)
		enter(child, (__u64)current->nsproxy->mnt_ns);
	return 0;
}

SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(on_attach, struct cgroup *target, const char *path, struct task_struct *task)
{
	struct task_struct *current = bpf_get_current_task_btf();

	/* Who moves processes about inside a container has not come from outside. */
	if (slot_of_current(current) == NOBODY)
		enter(task, (__u64)current->nsproxy->mnt_ns);
	return 0;
}

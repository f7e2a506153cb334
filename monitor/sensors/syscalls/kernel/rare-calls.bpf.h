/* The calls that containers make rarely: which of them are worth an event of their own. */
#pragma once

#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define AF_PACKET 17
#define SOCK_RAW 3
#define SOCK_PACKET 10
#define PROC_SUPER_MAGIC 0x9fa0
#define EFAULT 14
#define PTRACE_ATTACH 16
#define PTRACE_SEIZE 0x4206
#define SYS_SOCKET 1
#define SYS_CONNECT 3

#if defined(__TARGET_ARCH_x86)
#define RT_SIGRETURN(compat) ((compat) ? 173 : 15)
#else
#define RT_SIGRETURN(compat) ((compat) ? 173 : 139)
#endif

#if defined(__TARGET_ARCH_x86)
static __always_inline void read_arguments(struct pt_regs *regs, __u32 compat, __u64 *into)
{
	into[0] = compat ? (__u32)regs->bx : regs->di;
	into[1] = compat ? (__u32)regs->cx : regs->si;
	into[2] = compat ? (__u32)regs->dx : regs->dx;
}
#else
static __always_inline void read_arguments(struct pt_regs *regs, __u32 compat, __u64 *into)
{
	into[0] = regs->orig_x0;
	into[1] = regs->regs[1];
	into[2] = regs->regs[2];
}
#endif

/* The id of a process or thread as it knows it itself, in its pid namespace. */
static __always_inline __u32 id_of(struct pid *pid)
{
	unsigned int level = BPF_CORE_READ(pid, level);
	__u32 number = 0;

	if (level > 32)
		return 0;
	bpf_probe_read_kernel(&number, sizeof(number),
			      (char *)pid + bpf_core_field_offset(struct pid, numbers) +
				      level * bpf_core_type_size(struct upid));
	return number;
}

static __always_inline __u32 own_id(struct task_struct *task)
{
	return id_of(BPF_CORE_READ(task, group_leader, thread_pid));
}

static __always_inline bool descends_from(struct task_struct *task, __u32 ancestor)
{
	for (int i = 0; i < 8; i++) {
		task = BPF_CORE_READ(task, real_parent);
		if (BPF_CORE_READ(task, tgid) == ancestor)
			return true;
	}
	return false;
}

/* Which of those that are traced is meant. */
struct meant {
	/* By its id, as the tracer knows it; 0: the one that it began to trace last. */
	__u32 id;
	/* By the kernel's own record of it, where that is known. */
	struct pid *pid;
};

#define TRACED 16

/*
 * Whether what is meant is traced by this thread and descends from it: a debugger at its own program.
 * That it traces some child of its own gives no right to anybody else.
 */
static __noinline int traces_own_child(struct meant *meant)
{
	struct task_struct *task = bpf_get_current_task_btf();
	void *head = (void *)task + bpf_core_field_offset(struct task_struct, ptraced);
	struct list_head *entry = BPF_CORE_READ(task, ptraced.next);

	if (!meant)
		return 0;
	for (int i = 0; i < TRACED; i++) {
		struct task_struct *traced;
		struct pid *thread, *leader;

		if (!entry || entry == head)
			return 0;
		traced = (void *)entry - bpf_core_field_offset(struct task_struct, ptrace_entry);
		thread = BPF_CORE_READ(traced, thread_pid);
		leader = BPF_CORE_READ(traced, group_leader, thread_pid);
		if (meant->pid ? thread == meant->pid || leader == meant->pid
			       : meant->id == 0 || id_of(thread) == meant->id || id_of(leader) == meant->id)
			return descends_from(traced, task->tgid);
		entry = BPF_CORE_READ(entry, next);
	}
	return 0;
}

/* The kernel itself takes the old way to ask for packets for the new one. */
static __always_inline __u32 family_of(__u32 family, __u32 type)
{
	return family == AF_INET && (type & 0xf) == SOCK_PACKET ? AF_PACKET : family;
}

static __always_inline bool is_raw(__u32 family, __u32 type)
{
	if (family == AF_PACKET)
		return true;
	return (family == AF_INET || family == AF_INET6) && (type & 0xf) == SOCK_RAW;
}

static __always_inline bool ends_with(const char *text, __u32 length, const char *end, __u32 count)
{
	if (length < count || length > TEXT_LENGTH)
		return false;
	for (__u32 i = 0; i < count; i++) {
		__u32 at = length - count + i;

		if (at >= TEXT_LENGTH || text[at] != end[i])
			return false;
	}
	return true;
}

#define ENDS_WITH(text, length, end) ends_with(text, length, end, sizeof(end) - 1)

/* A first sieve by the end of the path; what the path really is, the loader's reader judges. */
static __always_inline bool may_matter(const char *text, __u32 length)
{
	char last;

	if (length == 0 || length >= TEXT_LENGTH)
		return false;
	last = text[(length - 1) & (TEXT_LENGTH - 1)];
	switch (last) {
	case 'w':
		return ENDS_WITH(text, length, "shadow");
	case 'm':
		return ENDS_WITH(text, length, "/mem") || (length == 3 && ENDS_WITH(text, length, "mem"));
	case 'k':
		return ENDS_WITH(text, length, "docker.sock") ||
		       ENDS_WITH(text, length, "containerd.sock");
	case 's':
		return ENDS_WITH(text, length, "credentials");
	case 'n':
		return ENDS_WITH(text, length, "credentials.json") || ENDS_WITH(text, length, "/token") ||
		       ENDS_WITH(text, length, "token_cache.json");
	case 'b':
		return ENDS_WITH(text, length, "credentials.db");
	case 'g':
		return ENDS_WITH(text, length, ".kube/config");
	}
	return false;
}

static __always_inline struct file *file_of(struct task_struct *task, long descriptor)
{
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **slots = BPF_CORE_READ(table, fd);
	struct file *file = NULL;

	if (descriptor < 0 || descriptor >= BPF_CORE_READ(table, max_fds))
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), slots + descriptor);
	return file;
}

static __always_inline struct dentry *opened(struct task_struct *task, long descriptor)
{
	struct file *file = file_of(task, descriptor);

	return file ? BPF_CORE_READ(file, f_path.dentry) : NULL;
}

struct scratch {
	char text[TEXT_LENGTH];
	char name[TEXT_LENGTH];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

/* Reads the path that was handed over, and the name of what was really opened behind links. */
static __noinline int path_matters(__u64 address, long descriptor)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 first = 0;
	struct scratch *scratch = bpf_map_lookup_elem(&scratches, &first);
	struct dentry *dentry;
	long length;

	if (!scratch)
		return 0;
	length = bpf_probe_read_user_str(scratch->text, TEXT_LENGTH, (void *)address);
	if (length > 1 && length <= TEXT_LENGTH && may_matter(scratch->text, length - 1))
		return 1;
	if (length < 0)
		scratch->text[0] = 0;
	dentry = opened(task, descriptor);
	if (!dentry)
		return 0;
	scratch->name[0] = '/';
	length = bpf_probe_read_kernel_str(scratch->name + 1, NAME_LENGTH,
					   BPF_CORE_READ(dentry, d_name.name));
	return length > 1 && length <= NAME_LENGTH && may_matter(scratch->name, length);
}

/* The name that the other end of a connected socket of this machine was bound to. */
static __always_inline long bound_name(struct task_struct *task, long descriptor, char *into)
{
	struct file *file = file_of(task, descriptor);
	struct socket *socket;
	struct unix_sock *sock, *peer;
	struct unix_address *address;

	if (!file)
		return 0;
	socket = BPF_CORE_READ(file, private_data);
	sock = (void *)BPF_CORE_READ(socket, sk);
	peer = (void *)BPF_CORE_READ(sock, peer);
	if (!peer)
		return 0;
	address = BPF_CORE_READ(peer, addr);
	if (!address)
		return 0;
	return bpf_probe_read_kernel_str(into, 108,
					 (char *)address +
						 bpf_core_field_offset(struct unix_address, name) +
						 bpf_core_field_offset(struct sockaddr_un, sun_path));
}

/* Whether the address leads to a socket of the engine, under whatever name. */
static __noinline int address_matters(__u64 address, long descriptor, long result)
{
	__u32 first = 0;
	struct scratch *scratch = bpf_map_lookup_elem(&scratches, &first);
	__u16 family = 0;
	long length;

	if (!scratch || bpf_probe_read_user(&family, sizeof(family), (void *)address))
		return 0;
	if (family != AF_UNIX)
		return 0;
	length = bpf_probe_read_user_str(scratch->text, 109, (void *)(address + 2));
	if (length > 1 && length <= TEXT_LENGTH && may_matter(scratch->text, length - 1))
		return 1;
	if (result != 0)
		return 0;
	/* A link, or a mount under another name: what counts is what the engine itself bound. */
	length = bound_name(bpf_get_current_task_btf(), descriptor, scratch->text);
	return length > 1 && length <= TEXT_LENGTH && may_matter(scratch->text, length - 1);
}

/* Whether the call failed for a reason that says nothing of whether it may be made. */
static __always_inline bool is_slip(long result)
{
	return result < 0 && result != -EPERM && result != -EACCES && result != -ENOSYS;
}

/* A file of /proc, and the process that it tells of. */
static __always_inline bool is_in_proc(struct file *file, struct pid **pid)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct proc_inode *proc;

	if (BPF_CORE_READ(inode, i_sb, s_magic) != PROC_SUPER_MAGIC)
		return false;
	proc = (void *)inode - bpf_core_field_offset(struct proc_inode, vfs_inode);
	*pid = BPF_CORE_READ(proc, pid);
	return true;
}

/* Hands a call over as an event when its arguments say that it matters. */
static __always_inline void look_at(struct task_struct *task, struct pt_regs *regs, long result,
				    __u32 number, __u32 compat, __u32 slot, struct tally *tally)
{
	__u32 look = settings.looks[compat & 1][number & (NUMBERS - 1)];
	__u64 arguments[3];
	struct meant meant = {};
	struct event *event;
	bool has_text = false, own = false, in_proc = false;
	enum kind_of_event kind = EVENT_GRAVE;
	__u32 first = 0;
	__u64 flags = 0;

	read_arguments(regs, compat, arguments);
	if (look == LOOK_SOCKETCALL) {
		__u32 call = arguments[0], real[3] = {};

		bpf_probe_read_user(real, sizeof(real), (void *)arguments[1]);
		for (int i = 0; i < 3; i++)
			arguments[i] = real[i];
		look = call == SYS_SOCKET ? LOOK_SOCKET : call == SYS_CONNECT ? LOOK_CONNECT : LOOK_NOT;
	}
	switch (look) {
	case LOOK_ALWAYS:
		break;
	case LOOK_PTRACE:
		if (arguments[0] != PTRACE_ATTACH && arguments[0] != PTRACE_SEIZE)
			return;
		/* Debugging a program of one's own; one that it may not debug is not its own. */
		if (result >= 0 && traces_own_child(&meant))
			return;
		break;
	case LOOK_PROCESS_VM:
		meant.id = (__u32)arguments[0];
		if (meant.id == own_id(task) || traces_own_child(&meant))
			return;
		break;
	case LOOK_SOCKET:
		/* Of each the kernel looks at 32 bits. */
		arguments[0] = family_of(arguments[0], arguments[1]);
		arguments[1] = (__u32)arguments[1];
		arguments[2] = (__u32)arguments[2];
		if (!is_raw(arguments[0], arguments[1]))
			return;
		kind = EVENT_PATH;
		break;
	case LOOK_CONNECT:
		if (is_slip(result) || !address_matters(arguments[1], (int)arguments[0], result))
			return;
		kind = EVENT_PATH;
		has_text = true;
		break;
	case LOOK_SETUID:
		kind = EVENT_PATH;
		if ((__u32)arguments[0] != 0)
			return;
		break;
	case LOOK_SETREUID:
		kind = EVENT_PATH;
		if ((__u32)arguments[0] != 0 && (__u32)arguments[1] != 0)
			return;
		break;
	case LOOK_SETRESUID:
		kind = EVENT_PATH;
		if ((__u32)arguments[0] != 0 && (__u32)arguments[1] != 0 && (__u32)arguments[2] != 0)
			return;
		break;
	case LOOK_OPEN:
	case LOOK_OPENAT:
	case LOOK_OPENAT2:
		if (look == LOOK_OPEN) {
			flags = arguments[1];
		} else {
			arguments[0] = arguments[1];
			flags = arguments[2];
			if (look == LOOK_OPENAT2)
				bpf_probe_read_user(&flags, sizeof(flags), (void *)arguments[2]);
		}
		if (is_slip(result) || !path_matters(arguments[0], result))
			return;
		arguments[0] = flags;
		kind = EVENT_PATH;
		has_text = true;
		if (result >= 0) {
			struct file *file = file_of(task, result);

			in_proc = file && is_in_proc(file, &meant.pid);
			own = in_proc && meant.pid &&
			      (meant.pid == BPF_CORE_READ(task, thread_pid) ||
			       meant.pid == BPF_CORE_READ(task, group_leader, thread_pid) ||
			       traces_own_child(&meant));
		}
		break;
	default:
		return;
	}
	/* What the runtime does on its way into the container is no call of the container's. */
	if (entry_of(task))
		return;
	if (!has_room(tally, kind))
		return;
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		tally->lost[kind]++;
		return;
	}
	describe(event, task, slot);
	event->is_start = 0;
	event->in_proc = in_proc;
	event->compat = compat;
	event->number = number;
	event->look = look;
	event->flag = own;
	event->result = result;
	for (int i = 0; i < 3; i++)
		event->arguments[i] = arguments[i];
	event->own_id = own_id(task);
	if (has_text) {
		struct scratch *scratch = bpf_map_lookup_elem(&scratches, &first);

		if (scratch) {
			long length = bpf_probe_read_kernel_str(event->text, TEXT_LENGTH, scratch->text);

			event->text_length = length > 0 ? length - 1 : 0;
		}
		if (look != LOOK_CONNECT && result >= 0) {
			struct file *file = file_of(task, result);

			/* Of a /proc the place does not matter, wherever it is mounted. */
			if (file)
				read_parts(&event->file, (__u64)file, in_proc);
		}
	}
	bpf_ringbuf_submit(event, BPF_RB_FORCE_WAKEUP);
}

/* What a program that starts has for its standard input and output: a shell on a socket is no terminal. */
#pragma once

#define S_IFMT 0170000
#define S_IFSOCK 0140000

/* What the file is, and for a socket of the network also who is at its other end. */
static __noinline int look_at_file(struct task_struct *task, int descriptor, struct remote *remote)
{
	struct file *file;
	struct socket *socket;
	struct sock *sock;
	__u16 family;

	if (!task || !remote)
		return STANDARD_OTHER;
	file = file_of(task, descriptor);
	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return STANDARD_OTHER;
	socket = BPF_CORE_READ(file, private_data);
	sock = BPF_CORE_READ(socket, sk);
	family = BPF_CORE_READ(sock, __sk_common.skc_family);
	if (family != AF_INET && family != AF_INET6)
		return STANDARD_LOCAL;
	remote->family = family;
	remote->port = BPF_CORE_READ(sock, __sk_common.skc_dport);
	if (family == AF_INET)
		BPF_CORE_READ_INTO((__u32 *)remote->address, sock, __sk_common.skc_daddr);
	else
		BPF_CORE_READ_INTO(&remote->address, sock, __sk_common.skc_v6_daddr.in6_u);
	return STANDARD_NETWORK;
}

/* Its own, and where these are no socket of the network, its parent's input: a terminal may stand between. */
static __always_inline void read_standard_files(struct event *event, struct task_struct *task)
{
	event->output = look_at_file(task, 1, &event->remote);
	event->input = look_at_file(task, 0, &event->remote);
	if (event->input != STANDARD_NETWORK)
		event->parent_input =
			look_at_file(BPF_CORE_READ(task, real_parent), 0, &event->remote);
}

/* What the loader is to pass on at once. */
static __always_inline bool is_pressing(const struct event *event)
{
	return event->input == STANDARD_NETWORK || event->output == STANDARD_NETWORK ||
	       event->parent_input == STANDARD_NETWORK || event->program_links == 0;
}

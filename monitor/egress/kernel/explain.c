/*
 * Tells programs in guarded containers, where they speak plain HTTP, that the wall refused them. The
 * wall turns what it refuses of port 80 to the sockets that are opened here.
 *
 * There are two processes. This one opens the sockets in the containers' networks and hands them over;
 * the other is nobody, and reads what containers write: explain-visitors.h.
 *
 * Lines of the input:
 *   + PID INODE   explain in the network namespace of that process, if it is still the one with that inode
 *   - INODE       no more
 * Lines of the output:
 *   + INODE       it is explained there
 *   ! INODE WHY   it cannot be explained there
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "explain-visitors.h"

#define REFUSAL_PORT 15355
#define NOBODY 65534

/* A socket that listens at that loopback address, or the negative number of the error. */
static int listen_at(const struct sockaddr *address, socklen_t size)
{
	int yes = 1, error;
	int made = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (made < 0)
		return -errno;
	setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (address->sa_family == AF_INET6)
		setsockopt(made, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes));
	if (bind(made, address, size) == 0 && listen(made, 64) == 0)
		return made;
	error = errno;
	close(made);
	return -error;
}

/* Opens what is needed where this process is now; how many sockets, or the negative number of the error. */
static int open_sockets(int *sockets)
{
	struct sockaddr_in four = { .sin_family = AF_INET,
				    .sin_port = htons(REFUSAL_PORT),
				    .sin_addr = { htonl(INADDR_LOOPBACK) } };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6,
				    .sin6_port = htons(REFUSAL_PORT),
				    .sin6_addr = IN6ADDR_LOOPBACK_INIT };

	sockets[0] = listen_at((struct sockaddr *)&four, sizeof(four));
	if (sockets[0] < 0)
		return sockets[0];
	/* Not every network has the sixth version. */
	sockets[1] = listen_at((struct sockaddr *)&six, sizeof(six));
	return sockets[1] < 0 ? 1 : 2;
}

/* The same in the namespace of that process. */
static int open_sockets_in(unsigned int pid, unsigned long inode, int own, int *sockets)
{
	char path[64];
	struct stat status;
	int count;

	snprintf(path, sizeof(path), "/proc/%u/ns/net", pid);
	int there = open(path, O_RDONLY | O_CLOEXEC);

	if (there < 0)
		return -errno;
	if (fstat(there, &status) < 0 || status.st_ino != inode)
		count = -ESTALE;
	else if (setns(there, CLONE_NEWNET) < 0)
		count = -errno;
	else
		count = open_sockets(sockets);
	close(there);
	if (setns(own, CLONE_NEWNET) < 0)
		exit(1);
	return count;
}

/* Tells the other process about a network; with no sockets, that it is no more. */
static void hand_over(int channel, unsigned long inode, const int *sockets, int count)
{
	char space[CMSG_SPACE(2 * sizeof(int))] = { 0 };
	struct iovec part = { &inode, sizeof(inode) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (count > 0) {
		message.msg_control = space;
		message.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int));
		struct cmsghdr *head = CMSG_FIRSTHDR(&message);

		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
		memcpy(CMSG_DATA(head), sockets, (size_t)count * sizeof(int));
	}
	if (sendmsg(channel, &message, MSG_NOSIGNAL) < 0)
		exit(1);
	for (int i = 0; i < count; i++)
		close(sockets[i]);
}

static void take_line(const char *line, int own, int channel)
{
	unsigned int pid;
	unsigned long inode;
	int sockets[2];

	if (sscanf(line, "- %lu", &inode) == 1) {
		hand_over(channel, inode, NULL, 0);
		return;
	}
	if (sscanf(line, "+ %u %lu", &pid, &inode) != 2)
		return;
	int count = open_sockets_in(pid, inode, own, sockets);

	if (count < 0) {
		printf("! %lu %s\n", inode, strerror(-count));
		return;
	}
	hand_over(channel, inode, sockets, count);
	printf("+ %lu\n", inode);
}

/* Takes what has arrived of the input; 0 at its end. */
static int take_input(int own, int channel)
{
	static char input[64 * 1024];
	static size_t held;
	ssize_t got = read(0, input + held, sizeof(input) - 1 - held);
	char *line = input, *end;

	if (got <= 0)
		return 0;
	held += (size_t)got;
	input[held] = 0;
	while ((end = strchr(line, '\n')) != NULL) {
		*end = 0;
		take_line(line, own, channel);
		line = end + 1;
	}
	held -= (size_t)(line - input);
	memmove(input, line, held);
	return held < sizeof(input) - 1 && fflush(stdout) == 0;
}

/* Becomes nobody for good, and what reads from containers; ends with its parent. */
static void become_reader(int channel)
{
	struct rlimit files = { MOST_NETWORKS * 2 + MOST_VISITORS + 64, MOST_NETWORKS * 2 + MOST_VISITORS + 64 };

	setrlimit(RLIMIT_NOFILE, &files);
	if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
	    setresuid(NOBODY, NOBODY, NOBODY) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		_exit(1);
	/* Changing the user takes this away: so it comes last. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(0);
	close(1);
	receive_visitors(channel);
	_exit(0);
}

int main(void)
{
	int channel[2], own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	if (own < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) < 0)
		return 1;
	pid_t reader = fork();

	if (reader < 0)
		return 1;
	if (reader == 0) {
		close(own);
		close(channel[0]);
		become_reader(channel[1]);
	}
	close(channel[1]);
	struct pollfd polled[2] = { { .fd = 0, .events = POLLIN }, { .fd = channel[0] } };

	for (;;) {
		if (poll(polled, 2, -1) < 0 && errno != EINTR)
			return 1;
		/* The other process has ended, and with it all that was explained. */
		if (polled[1].revents != 0)
			return 1;
		if (polled[0].revents != 0 && !take_input(own, channel[0]))
			return 0;
	}
}

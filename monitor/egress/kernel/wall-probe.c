/*
 * Tries to get out of a container past its wall, as any process in it could.
 *
 * Arguments: the container's main process, the inode of its network namespace, a uid, and then one
 * argument a try: `tcp-ADDRESS-PORT`, `udp-ADDRESS-PORT`, `name-ADDRESS-PORT-NAME`. Prints one line a
 * try: `open`, `sent`, `rcodeN`, `timeout`, or `E` with the number of the error; behind `rcodeN` the
 * first IPv4 address of the answer, if it has one. What tries has the container's own cgroups and
 * network, and that uid.
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
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAIT_MS 1500

static void say(int error)
{
	printf("E%d\n", error);
}

static socklen_t address_of(const char *text, int port, struct sockaddr_storage *address)
{
	struct sockaddr_in *four = (void *)address;
	struct sockaddr_in6 *six = (void *)address;

	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = htons(port);
		return sizeof(*four);
	}
	if (inet_pton(AF_INET6, text, &six->sin6_addr) != 1)
		return 0;
	six->sin6_family = AF_INET6;
	six->sin6_port = htons(port);
	return sizeof(*six);
}

static size_t question(const char *name, unsigned char *to)
{
	static const unsigned char head[12] = { 7, 7, 1, 0, 0, 1 };
	size_t length = sizeof(head);

	memcpy(to, head, sizeof(head));
	while (*name != '\0' && length < 300) {
		size_t part = strcspn(name, ".");

		if (part > 63)
			return 0;
		to[length++] = part;
		memcpy(to + length, name, part);
		length += part;
		name += part + (name[part] == '.');
	}
	memcpy(to + length, "\0\0\1\0\1", 5);
	return length + 5;
}

/* Behind the name that begins at `at`; `length` where it goes beyond the message. */
static size_t behind_name(const unsigned char *message, size_t length, size_t at)
{
	while (at < length && message[at] != 0 && message[at] < 192)
		at += message[at] + 1;
	if (at >= length)
		return length;
	return at + (message[at] == 0 ? 1 : 2);
}

/* Prints what an answer to one question says (RFC 1035, section 4.1). */
static void say_answer(const unsigned char *message, size_t length)
{
	size_t at = behind_name(message, length, 12) + 4;
	char text[INET_ADDRSTRLEN];

	for (int left = message[6] << 8 | message[7]; left > 0 && at < length; left--) {
		size_t record = behind_name(message, length, at);

		if (record + 10 > length)
			break;
		size_t size = message[record + 8] << 8 | message[record + 9];

		at = record + 10 + size;
		/* Of type A and class IN. */
		if (memcmp(message + record, "\0\1\0\1", 4) == 0 && size == 4 && at <= length) {
			inet_ntop(AF_INET, message + record + 10, text, sizeof(text));
			printf("rcode%d %s\n", message[3] & 15, text);
			return;
		}
	}
	printf("rcode%d\n", message[3] & 15);
}

static void try_stream(const struct sockaddr *to, socklen_t size)
{
	int error = 0, one = socket(to->sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct pollfd wait = { .fd = one, .events = POLLOUT };
	socklen_t length = sizeof(error);

	if (one < 0) {
		say(errno);
		return;
	}
	if (connect(one, to, size) < 0 && errno != EINPROGRESS)
		say(errno);
	else if (poll(&wait, 1, WAIT_MS) == 0)
		puts("timeout");
	else if (getsockopt(one, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error != 0)
		say(error);
	else
		puts("open");
	close(one);
}

static void try_datagram(const struct sockaddr *to, socklen_t size, const char *name)
{
	unsigned char buffer[600] = { 'x' };
	size_t length = name == NULL ? 1 : question(name, buffer);
	int one = socket(to->sa_family, SOCK_DGRAM, 0);
	struct pollfd wait = { .fd = one, .events = POLLIN };

	if (one < 0 || connect(one, to, size) < 0 || send(one, buffer, length, 0) < 0) {
		say(errno);
	} else if (name == NULL) {
		puts("sent");
	} else if (poll(&wait, 1, WAIT_MS) == 0) {
		puts("timeout");
	} else {
		ssize_t got = recv(one, buffer, sizeof(buffer), 0);

		if (got < 0)
			say(errno);
		else if (got < 12)
			say(EBADMSG);
		else
			say_answer(buffer, got);
	}
	if (one >= 0)
		close(one);
}

static void try_out(char *text)
{
	struct sockaddr_storage to;
	char *save, *kind = strtok_r(text, "-", &save), *address = strtok_r(NULL, "-", &save);
	char *port = strtok_r(NULL, "-", &save), *name = save;
	socklen_t size = port == NULL ? 0 : address_of(address, atoi(port), &to);

	if (size == 0)
		say(EINVAL);
	else if (strcmp(kind, "tcp") == 0)
		try_stream((void *)&to, size);
	else
		try_datagram((void *)&to, size, strcmp(kind, "name") == 0 ? name : NULL);
	fflush(stdout);
}

/* Puts the process into each cgroup that the container's main process is in. */
static int join_cgroups(int main_process, int who)
{
	char path[64], line[4200];
	int joined = 0;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", main_process);
	FILE *list = fopen(path, "re");

	while (list != NULL && fgets(line, sizeof(line), list) != NULL) {
		char *save, *number = strtok_r(line, ":", &save), *controllers = strchr(save, ':');
		char file[4600];

		if (controllers == NULL)
			continue;
		*controllers = '\0';
		char *folder = controllers + 1, *name = save;

		folder[strcspn(folder, "\n")] = '\0';
		if (strncmp(name, "name=", 5) == 0)
			name += 5;
		/* Version 2 alone, beside version 1, and each controller of version 1. */
		const char *forms[] = { "/sys/fs/cgroup%s/cgroup.procs", "/sys/fs/cgroup/unified%s/cgroup.procs" };

		for (int i = 0; i < (*name == '\0' && strcmp(number, "0") == 0 ? 2 : 1); i++) {
			if (*name == '\0')
				snprintf(file, sizeof(file), forms[i], folder);
			else
				snprintf(file, sizeof(file), "/sys/fs/cgroup/%s%s/cgroup.procs", name, folder);
			int to = open(file, O_WRONLY | O_CLOEXEC);

			if (to >= 0 && dprintf(to, "%d", who) > 0)
				joined++;
			if (to >= 0)
				close(to);
		}
	}
	if (list != NULL)
		fclose(list);
	return joined;
}

static void run_inside(int ready, int uid, int count, char **tries)
{
	char byte;

	if (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)
		_exit(3);
	/* Changing the user takes this away: so it comes after it, and before who started it may end. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (read(ready, &byte, 1) != 1)
		_exit(3);
	for (int i = 0; i < count; i++)
		try_out(tries[i]);
	_exit(0);
}

int main(int count, char **arguments)
{
	struct stat status;
	char path[64];
	int ready[2], result = 0;

	if (count < 5)
		return 2;
	snprintf(path, sizeof(path), "/proc/%d/ns/net", atoi(arguments[1]));
	int space = open(path, O_RDONLY | O_CLOEXEC);

	if (space < 0 || fstat(space, &status) < 0 || status.st_ino != strtoul(arguments[2], NULL, 10) ||
	    setns(space, CLONE_NEWNET) < 0 || pipe(ready) < 0) {
		fputs("The container's network cannot be entered.\n", stderr);
		return 2;
	}
	pid_t child = fork();

	if (child == 0)
		run_inside(ready[0], atoi(arguments[3]), count - 4, arguments + 4);
	if (child < 0 || join_cgroups(atoi(arguments[1]), child) == 0) {
		fputs("The container's cgroup cannot be entered.\n", stderr);
		if (child > 0)
			kill(child, SIGKILL);
		return 2;
	}
	if (write(ready[1], "x", 1) != 1 || waitpid(child, &result, 0) < 0 || result != 0) {
		fputs("The probe ended early.\n", stderr);
		return 2;
	}
	return 0;
}

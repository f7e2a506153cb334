// SPDX-License-Identifier: MIT
/*
 * Sentra's helper: does on the engine's host what watching and guarding containers needs root for.
 * It listens on a unix socket in the one folder that it is given, which belongs to the person who
 * installed it, and answers that person and root alone, and nobody from within a container. Each
 * connection is one request out of a closed list (request.h), served by a process of its own. Nothing
 * that is asked is ever run: no command, no path and no unchecked text comes from outside.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "place.h"
#include "tool.h"
#include "verbs.h"

/* Connections served at once, resolvers among them; more are closed unanswered. */
#define MOST_SERVED 400
/* How long a request may take to arrive, and then to be carried out; seconds. */
#define ARRIVAL 5
#define WORK 30

static int served;

static void reap(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		served--;
}

/* Listens in the folder as its owner, so that the socket is the owner's alone. */
static int listen_in(const char *folder, uid_t owner)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int length = snprintf(address.sun_path, sizeof(address.sun_path), "%s/helper.sock", folder);

	if (fd < 0 || length >= (int)sizeof(address.sun_path) || seteuid(owner) != 0)
		return -1;
	umask(0177);
	unlink(address.sun_path);
	bool is_bound = bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;

	umask(022);
	if (seteuid(0) != 0 || !is_bound || listen(fd, 64) != 0)
		return -1;
	return fd;
}

/*
 * Whether the other end is the owner or root, and no process of a container: a container into which
 * the owner's folders were mounted must not reach its own guard.
 */
static bool is_welcome(int connection, uid_t owner)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
		return false;
	return (peer.uid == owner || peer.uid == 0) && peer.pid > 0 && is_machines(peer.pid);
}

/* Reads exactly so much; false when the other end writes less. */
static bool read_all(int fd, char *at, size_t length)
{
	while (length > 0) {
		ssize_t got = read(fd, at, length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		length -= got;
	}
	return true;
}

/* Reads one request and carries it out. Who writes slowly is cut off by the alarm. */
static void serve(int connection)
{
	char line[MOST_LINE];
	size_t length = 0;
	struct request request;
	const char *problem;
	char *text;

	alarm(ARRIVAL);
	for (;; length++) {
		if (length == sizeof(line)) {
			answer_failed(connection, "The request's line is too long.");
			return;
		}
		if (!read_all(connection, line + length, 1))
			return;
		if (line[length] == '\n')
			break;
	}
	problem = parse_request((struct slice){ line, length }, &request);
	if (problem) {
		answer_failed(connection, problem);
		return;
	}
	text = malloc(request.text_length + 1);
	if (!text || !read_all(connection, text, request.text_length))
		return;
	alarm(WORK);
	carry_out(connection, &request, text);
	free(text);
}

static void accept_one(int listener, uid_t owner)
{
	int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (connection < 0)
		return;
	if (served < MOST_SERVED && is_welcome(connection, owner)) {
		pid_t child = fork();

		if (child == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(listener);
			serve(connection);
			exit(0);
		}
		if (child > 0)
			served++;
	}
	close(connection);
}

int main(int count, char **words)
{
	const char *folder = count == 2 ? words[1] : "/run/sentra-helper";
	struct stat status;
	int listener;

	signal(SIGPIPE, SIG_IGN);
	if (stat(folder, &status) != 0 || !S_ISDIR(status.st_mode) || (status.st_mode & 077) != 0) {
		fprintf(stderr, "%s is no folder of one user alone.\n", folder);
		return 1;
	}
	listener = listen_in(folder, status.st_uid);
	if (listener < 0) {
		fprintf(stderr, "No socket could be made in %s: %s.\n", folder, strerror(errno));
		return 1;
	}
	for (;;) {
		struct pollfd file = { .fd = listener, .events = POLLIN };

		if (poll(&file, 1, 1000) > 0)
			accept_one(listener, status.st_uid);
		reap();
	}
}

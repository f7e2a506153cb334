// SPDX-License-Identifier: MIT
/*
 * Sentra's helper: does on the engine's host what watching and guarding containers needs root for.
 * It listens on a unix socket in the one folder that it is given, which belongs to the person who
 * installed it, and answers that person and root alone, and nobody from within a container. Where the
 * engine shares no files with that person it listens on a port, and answers who has the key that it
 * was handed at its start. Each connection is one request out of a closed list (request.h), served by
 * a process of its own. Nothing that is asked is ever run: no command, no path and no unchecked text
 * comes from outside.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
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
#include "port.h"
#include "tool.h"
#include "verbs.h"

/* Connections served at once, resolvers among them; more are closed unanswered. */
#define MOST_SERVED 400
/* Connections by port that have not proved yet who they are; one more ends the oldest of them. */
#define MOST_STRANGERS 64
/* How long a request may take to arrive, and then to be carried out; seconds. */
#define ARRIVAL 5
#define WORK 30

/* Where it listens, and by what it knows who may ask. */
struct door {
	int listener;
	/* By the folder's owner, or by the key; `told` is where who has proved it is told, -1 without. */
	uid_t owner;
	uint8_t key[KEY_LENGTH];
	int told[2];
};

static int served;
/* The processes that deal with strangers, the oldest first. */
static pid_t strangers[MOST_STRANGERS];
static int stranger_count;

static void forget_stranger(pid_t pid)
{
	int kept = 0;

	for (int i = 0; i < stranger_count; i++)
		if (strangers[i] != pid)
			strangers[kept++] = strangers[i];
	stranger_count = kept;
}

static void reap(void)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
		served--;
		forget_stranger(pid);
	}
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

static bool is_by_port(const struct door *door)
{
	return door->told[0] >= 0;
}

/* Who has proved to have the key is no stranger any more. */
static void hear_who_is_known(const struct door *door)
{
	pid_t pid;

	while (read(door->told[0], &pid, sizeof(pid)) == sizeof(pid))
		forget_stranger(pid);
}

/* Whether there is room for one more. Strangers in any number must not keep out who has the key. */
static bool make_room(const struct door *door)
{
	if (!is_by_port(door))
		return served < MOST_SERVED;
	hear_who_is_known(door);
	if (stranger_count == MOST_STRANGERS) {
		kill(strangers[0], SIGKILL);
		forget_stranger(strangers[0]);
	}
	return served - stranger_count < MOST_SERVED;
}

/* In a process of its own. */
static void deal_with(int connection, struct door *door)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(door->listener);
	if (is_by_port(door)) {
		close(door->told[0]);
		alarm(ARRIVAL);
		connection = open_sealed(connection, door->key, door->told[1]);
		if (connection < 0)
			return;
	}
	serve(connection);
}

static void accept_one(struct door *door)
{
	int connection = accept4(door->listener, NULL, NULL, SOCK_CLOEXEC);

	if (connection < 0)
		return;
	if (make_room(door) && (is_by_port(door) || is_welcome(connection, door->owner))) {
		pid_t child = fork();

		if (child == 0) {
			deal_with(connection, door);
			exit(0);
		}
		if (child > 0) {
			served++;
			if (is_by_port(door))
				strangers[stranger_count++] = child;
		}
	}
	close(connection);
}

static int complain(const char *sentence)
{
	fprintf(stderr, "%s\n", sentence);
	return 1;
}

static int open_by_socket(const char *folder, struct door *door)
{
	struct stat status;

	if (stat(folder, &status) != 0 || !S_ISDIR(status.st_mode) || (status.st_mode & 077) != 0) {
		fprintf(stderr, "%s is no folder of one user alone.\n", folder);
		return 1;
	}
	door->owner = status.st_uid;
	door->listener = listen_in(folder, status.st_uid);
	if (door->listener < 0) {
		fprintf(stderr, "No socket could be made in %s: %s.\n", folder, strerror(errno));
		return 1;
	}
	return 0;
}

static int open_by_port(struct door *door)
{
	const char *problem;

	/* Nobody but root reads the key out of this process, and it is in no file of its memory. */
	prctl(PR_SET_DUMPABLE, 0);
	problem = take_key(door->key);
	if (problem)
		return complain(problem);
	door->listener = listen_on_port();
	if (door->listener < 0)
		return complain("The port cannot be listened on.");
	problem = enter_engines_network();
	if (problem)
		return complain(problem);
	if (pipe2(door->told, O_CLOEXEC) != 0 || fcntl(door->told[0], F_SETFL, O_NONBLOCK) != 0)
		return complain("There are no files left.");
	return 0;
}

int main(int count, char **words)
{
	static struct door door = { .told = { -1, -1 } };
	bool by_port = count == 2 && strcmp(words[1], "port") == 0;

	signal(SIGPIPE, SIG_IGN);
	if (by_port ? open_by_port(&door)
		    : open_by_socket(count == 2 ? words[1] : "/run/sentra-helper", &door))
		return 1;
	for (;;) {
		struct pollfd files[2] = {
			{ .fd = door.listener, .events = POLLIN },
			{ .fd = door.told[0], .events = POLLIN },
		};

		if (poll(files, 2, 1000) > 0) {
			if (files[1].revents)
				hear_who_is_known(&door);
			if (files[0].revents)
				accept_one(&door);
		}
		reap();
	}
}

// SPDX-License-Identifier: MIT
/*
 * Receives the trace sessions of gVisor's sandboxes (sink `remote`: packets on a unix socket), and
 * passes on what they tell. Its first argument is a folder of its own, in which it listens; a second
 * one is the socket on which it hears of containers from their start on. Reads lines from standard
 * input: "add ID PID" and "remove ID", the container's id and its sandbox's process; ends when
 * standard input does. Writes one JSON object a line: ready, listening, attached, gone, window,
 * message, failed.
 *
 * One thread does nothing but answer and empty the sockets, since a sandbox whose messages nobody
 * takes loses them, and one whose handshake nobody answers does not start. The other one speaks.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include "endpoints.h"
#include "judge.h"
#include "lifeline.h"
#include "message.h"
#include "sandbox.h"
#include "tell.h"
#include "unblock.h"

/* How long messages gather before they are taken; a session from the start has room for 278 at first. */
#define BATCH_US 2000

static struct sandbox sandboxes[SANDBOXES];
static struct connection connections[CONNECTIONS];
static struct queue queue;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* What is said is written down first: whoever does not listen must not hold up the other thread. */
static FILE *out;

static void fail(const char *what)
{
	printf("{\"kind\":\"failed\",\"reason\":\"%s: %s\"}\n", what, strerror(errno));
	fflush(stdout);
	exit(1);
}

/* ---- The thread that empties the sockets. ---- */

static void accept_all(int listener, int sandbox)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		int index = free_connection(connections);
		struct epoll_event event = { .events = EPOLLIN, .data.u64 = FIRST_CONNECTION + index };

		if (index < 0) {
			close(fd);
			continue;
		}
		begin_connection(&connections[index], fd, sandbox,
				 sandbox < 0 ? "" : sandboxes[sandbox].id, now_ms());
		epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
	}
}

static void take_packet(struct connection *connection, const unsigned char *packet, size_t size)
{
	struct message message;

	if (!connection->greeted) {
		/* The version of the sink, answered with the one that is understood: 1. */
		connection->greeted = true;
		send(connection->fd, "\x08\x01", 2, MSG_DONTWAIT | MSG_NOSIGNAL);
		return;
	}
	if (!parse_message(packet, size, &message)) {
		connection->malformed++;
		return;
	}
	note_dropped(connection, message.dropped);
	if (message.type == CONTAINER_START && connection->id[0] == 0)
		name_connection(connection, sandboxes, message.body);
	/* A run of the container begins: what an earlier one did has nothing to do with it. */
	if (message.type == CONTAINER_START)
		forget_memory(connection->id);
	take_message(&queue, connection, &message);
}

static void drain(struct connection *connection)
{
	static unsigned char packet[1 << 16];

	/* A batch at a time, so that one loud sandbox does not keep the others waiting. */
	for (int i = 0; i < 256; i++) {
		ssize_t size = recv(connection->fd, packet, sizeof(packet), MSG_DONTWAIT | MSG_TRUNC);

		if (size < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (size <= 0) {
			close(connection->fd);
			connection->fd = -1;
			connection->ended = true;
			return;
		}
		take_packet(connection, packet, (size_t)size < sizeof(packet) ? (size_t)size : sizeof(packet));
	}
}

static void *drain_for_ever(void *unused)
{
	struct epoll_event events[64];

	(void)unused;
	for (;;) {
		int count = epoll_wait(poller, events, 64, PUT_OFF_MS);

		pthread_mutex_lock(&lock);
		hold_lifeline();
		for (int i = 0; i < count; i++) {
			uint64_t index = events[i].data.u64;

			if (index == ANY_LISTENER)
				accept_all(start_listener, -1);
			else if (index < SANDBOXES && sandboxes[index].listener >= 0)
				accept_all(sandboxes[index].listener, (int)index);
			else if (index >= FIRST_CONNECTION && connections[index - FIRST_CONNECTION].fd >= 0)
				drain(&connections[index - FIRST_CONNECTION]);
		}
		pthread_mutex_unlock(&lock);
		/* To wake somebody for each message would cost the container more than to tell it. */
		if (count > 0)
			usleep(BATCH_US);
	}
	return NULL;
}

/* ---- The thread that speaks. All of these run with the lock held. ---- */

static void add(const char *id, int pid)
{
	int index = find_sandbox(sandboxes, id);

	if (index < 0)
		index = free_sandbox(sandboxes);
	if (index < 0) {
		fprintf(out, "{\"kind\":\"full\",\"container\":\"%s\"}\n", id);
		return;
	}
	if (sandboxes[index].listener < 0) {
		struct sockaddr_un address;
		int listener;

		endpoint_of(id, &address);
		listener = listen_at(&address);
		if (listener < 0)
			fail("It cannot listen");
		begin_sandbox(&sandboxes[index], id, listener);
		listen_on(listener, index);
	}
	/* Another run of the container; but for one that told of its beginning by itself. */
	if (sandboxes[index].pid != 0 && sandboxes[index].pid != pid && !tells_from_start(connections, id))
		forget_memory(id);
	sandboxes[index].pid = pid;
	tell_again(connections, index);
	fprintf(out, "{\"kind\":\"listening\",\"container\":\"%s\"}\n", id);
	/* A session that runs since the container's start was not named yet. */
	adopt_connections(connections, &sandboxes[index], index);
}

static void remove_sandbox(const char *id)
{
	struct sockaddr_un address;
	int index = find_sandbox(sandboxes, id);

	if (index < 0)
		return;
	close(sandboxes[index].listener);
	endpoint_of(id, &address);
	unlink(address.sun_path);
	forget_connections(connections, index);
	forget_memory(id);
	sandboxes[index].listener = -1;
	sandboxes[index].id[0] = 0;
}

static void obey(char *line)
{
	char id[65] = "";
	int pid = 0;

	if (sscanf(line, "add %64[0-9a-f] %d", id, &pid) == 2 && strlen(id) == 64 && pid > 0)
		add(id, pid);
	else if (sscanf(line, "remove %64[0-9a-f]", id) == 1 && strlen(id) == 64)
		remove_sandbox(id);
}

/* Whether standard input is still open. */
static bool read_commands(void)
{
	static char buffer[8192];
	static size_t filled;
	struct pollfd input = { .fd = 0, .events = POLLIN };
	ssize_t size;
	char *end;

	if (poll(&input, 1, 20) <= 0)
		return true;
	size = read(0, buffer + filled, sizeof(buffer) - 1 - filled);
	if (size <= 0)
		return size < 0 && errno == EINTR;
	filled += size;
	buffer[filled] = 0;
	pthread_mutex_lock(&lock);
	while ((end = strchr(buffer, '\n')) != NULL) {
		*end = 0;
		obey(buffer);
		filled -= end + 1 - buffer;
		memmove(buffer, end + 1, filled + 1);
	}
	pthread_mutex_unlock(&lock);
	if (filled == sizeof(buffer) - 1)
		filled = 0;
	return true;
}

int main(int count, char **arguments)
{
	uint64_t told_at = now_ms();
	pthread_t drainer;

	if (count != 2 && count != 3)
		return 2;
	folder = arguments[1];
	start_path = arguments[2];
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Whoever stops Sentra in a terminal means Sentra, and not the containers that start meanwhile. */
	setsid();
	umask(0077);
	for (int i = 0; i < SANDBOXES; i++)
		sandboxes[i].listener = -1;
	for (int i = 0; i < CONNECTIONS; i++)
		connections[i].fd = connections[i].sandbox = -1;
	poller = epoll_create1(EPOLL_CLOEXEC);
	if (poller < 0)
		fail("It cannot listen");
	if (!make_lifeline())
		fail("It cannot make a timer");
	hold_lifeline();
	claim_start();
	if (pthread_create(&drainer, NULL, drain_for_ever, NULL))
		fail("It cannot start a thread");
	puts("{\"kind\":\"ready\"}");
	fflush(stdout);
	for (bool open = true; open;) {
		static char taken[QUEUE_BYTES];
		char *said;
		size_t length, size;
		uint64_t now;

		out = open_memstream(&said, &length);
		if (out == NULL)
			fail("It has no memory");
		open = read_commands();
		now = now_ms();
		pthread_mutex_lock(&lock);
		unblock_all(connections, sandboxes, now);
		tell_changes(out, connections);
		size = take_queue(&queue, taken);
		if (now - told_at >= 1000) {
			tell_window(out, connections, now - told_at);
			tell_ends(out, connections);
			close_strangers(connections, now);
			claim_start();
			told_at = now;
		}
		pthread_mutex_unlock(&lock);
		tell_messages(out, taken, size);
		fclose(out);
		/* Nobody reads any more: the end. */
		if (fwrite(said, 1, length, stdout) != length || fflush(stdout) != 0)
			break;
		free(said);
	}
	pthread_mutex_lock(&lock);
	remove_endpoints(sandboxes);
	return 0;
}

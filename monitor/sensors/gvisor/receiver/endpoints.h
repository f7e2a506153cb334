/* Where sandboxes connect: a socket for each in the program's own folder, and one for new containers. */
#pragma once

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <fcntl.h>
#include "sandbox.h"

/* The program's folder, and the path for sessions from a container's start; NULL where there is none. */
static const char *folder, *start_path;
static int poller;
static int start_listener = -1;

static void endpoint_of(const char *id, struct sockaddr_un *address)
{
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	snprintf(address->sun_path, sizeof(address->sun_path), "%s/%.32s.sock", folder, id);
}

static int listen_at(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	unlink(address->sun_path);
	if (fd < 0 || bind(fd, (const void *)address, sizeof(*address)) || listen(fd, 64)) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static void listen_on(int fd, uint32_t index)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = index };

	epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
}

/* Listens for new containers, unless another receiver does; then it is tried again. */
static void claim_start(void)
{
	static int claim = -1;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char path[sizeof(address.sun_path) + 8];

	if (!start_path || start_listener >= 0 || strlen(start_path) >= sizeof(address.sun_path))
		return;
	snprintf(path, sizeof(path), "%s.lock", start_path);
	if (claim < 0)
		claim = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (claim < 0 || flock(claim, LOCK_EX | LOCK_NB) != 0)
		return;
	strcpy(address.sun_path, start_path);
	start_listener = listen_at(&address);
	if (start_listener >= 0)
		listen_on(start_listener, ANY_LISTENER);
}

/* So that nobody finds a socket behind which nobody listens. */
static void remove_endpoints(const struct sandbox *sandboxes)
{
	struct sockaddr_un address;

	if (start_listener >= 0)
		unlink(start_path);
	for (int i = 0; i < SANDBOXES; i++)
		if (sandboxes[i].listener >= 0) {
			endpoint_of(sandboxes[i].id, &address);
			unlink(address.sun_path);
		}
}

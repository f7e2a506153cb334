/*
 * A session begun in a running sandbox waits for its reader: a reader that stops would stop the
 * container. So its end of the socket is found and told not to wait, and given room for a burst.
 * Done from outside, as root, by a descriptor that is the sandbox's own: pidfd_getfd(2).
 */
#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include "endpoints.h"
#include "sandbox.h"

#ifndef SO_SNDBUFFORCE
#define SO_SNDBUFFORCE 32
#endif
#define ROOM (8 << 20)

/* Whether that descriptor of the process is connected to the endpoint; then it no longer waits. */
static bool unblock(int process, int their_fd, const char *endpoint)
{
	int fd = syscall(SYS_pidfd_getfd, process, their_fd, 0), room = ROOM;
	struct sockaddr_un address;
	socklen_t length = sizeof(address);
	bool is_ours = false;

	if (fd < 0)
		return false;
	memset(&address, 0, sizeof(address));
	if (getpeername(fd, (void *)&address, &length) == 0 && address.sun_family == AF_UNIX &&
	    strncmp(address.sun_path, endpoint, sizeof(address.sun_path)) == 0) {
		int flags = fcntl(fd, F_GETFL);

		is_ours = (flags & O_NONBLOCK) || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
		setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	}
	close(fd);
	return is_ours;
}

static int find_and_unblock(int pid, const char *endpoint)
{
	int process = syscall(SYS_pidfd_open, pid, 0), found = -1;
	char path[64], link[64];
	struct dirent *entry;
	struct stat status;
	DIR *all;

	if (process < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	/* Its owner's alone; as the owner it is open also to a root that may not pass over that. */
	if (stat(path, &status) == 0 && status.st_uid != 0)
		setfsuid(status.st_uid);
	all = opendir(path);
	if (setfsuid(0) != 0)
		/* Whoever becomes another forgets this. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (all && (entry = readdir(all)) != NULL) {
		ssize_t size = readlinkat(dirfd(all), entry->d_name, link, sizeof(link) - 1);

		if (size <= 0 || strncmp(link, "socket:", 7) != 0)
			continue;
		/* There may be two: what is left of an earlier session, and the present one. */
		if (unblock(process, atoi(entry->d_name), endpoint))
			found = atoi(entry->d_name);
	}
	if (all)
		closedir(all);
	close(process);
	return found;
}

/* Sees to it that no sandbox waits for this program, at once and again and again. */
static void unblock_all(struct connection *connections, const struct sandbox *sandboxes, uint64_t now)
{
	for (int i = 0; i < CONNECTIONS; i++) {
		struct connection *connection = &connections[i];
		struct sockaddr_un address;

		if (connection->fd < 0 || connection->sandbox < 0 || !connection->greeted ||
		    now < connection->look_at)
			continue;
		endpoint_of(connection->id, &address);
		/* One from the start does not wait in any case, but has little room. */
		connection->unblocked =
			find_and_unblock(sandboxes[connection->sandbox].pid,
					 connection->from_start ? start_path : address.sun_path) >= 0 ||
			connection->from_start;
		connection->looks++;
		connection->look_at = now + (connection->looks < 50 ? 0 : 5000);
	}
}

// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "place.h"
#include "text.h"

/* CAP_NET_ADMIN and CAP_NET_RAW, by their numbers in capabilities(7). */
#define NETWORK_ADMINISTRATION 12
#define RAW_PACKETS 13

/* Reads a small file of /proc whole; the length, or -1. */
static ssize_t read_file(const char *path, char *buffer, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = 0, got;

	if (fd < 0)
		return -1;
	while ((size_t)length < size - 1 && (got = read(fd, buffer + length, size - 1 - length)) > 0)
		length += got;
	close(fd);
	buffer[length] = 0;
	return length;
}

static ssize_t read_of_process(int pid, const char *name, char *buffer, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return read_file(path, buffer, size);
}

bool container_of(int pid, char *container)
{
	char text[16384];
	ssize_t length = read_of_process(pid, "cgroup", text, sizeof(text));

	/* A resolver's own cgroup bears the container's id too. */
	if (length < 0 || strstr(text, "/sentra-egress/"))
		return false;
	for (ssize_t at = 0; at + ID_LENGTH <= length; at++) {
		struct slice id = { text + at, ID_LENGTH };

		if (!is_container_id(id))
			continue;
		memcpy(container, id.at, ID_LENGTH);
		container[ID_LENGTH] = 0;
		return true;
	}
	return false;
}

ino_t inode_of_namespace(const char *process, const char *kind)
{
	char path[64];
	struct stat status;

	snprintf(path, sizeof(path), "/proc/%s/ns/%s", process, kind);
	return stat(path, &status) == 0 ? status.st_ino : 0;
}

bool is_machines(int pid)
{
	char container[ID_LENGTH + 1], around[ID_LENGTH + 1], process[16];

	snprintf(process, sizeof(process), "%d", pid);
	if (inode_of_namespace(process, "pid") != inode_of_namespace("self", "pid"))
		return false;
	if (!container_of(pid, container))
		return true;
	/* Where the whole machine is a container of another one, its id is on all there is. */
	return container_of(1, around) && strcmp(container, around) == 0;
}

/* What the process may do to its network: by the bounding set, beyond which nothing in it can get. */
static void read_powers(int pid, struct place *place)
{
	unsigned long long set = ~0ull;
	/* Up to 65,536 groups of ten digits stand before what is looked for. */
	static char text[1 << 20];
	char *line;

	place->uid = 0;
	if (read_of_process(pid, "status", text, sizeof(text)) >= 0) {
		line = strstr(text, "\nCapBnd:");
		if (line)
			set = strtoull(line + 8, NULL, 16);
		line = strstr(text, "\nUid:");
		if (line)
			sscanf(line + 5, "%*u %u", &place->uid);
	}
	place->changeable = (set >> NETWORK_ADMINISTRATION & 1) == 1;
	place->raw = (set >> RAW_PACKETS & 1) == 1;
}

const char *open_place(const char *container, int pid, struct place *place)
{
	char path[64], found[ID_LENGTH + 1];
	struct stat status;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	place->namespace_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (place->namespace_fd < 0)
		return errno == ENOENT ? "The container's main process has ended."
				       : "Its network namespace cannot be opened.";
	/* Asked after the namespace was opened: a number that was given to another process is noticed. */
	if (!container_of(pid, found) || strcmp(found, container) != 0)
		return "The container's main process is in no control group of its own there: "
		       "its runtime leaves those alone (gVisor's --ignore-cgroups).";
	if (fstat(place->namespace_fd, &status) != 0)
		return "Its network namespace cannot be looked at.";
	if (status.st_ino == inode_of_namespace("self", "net") ||
	    status.st_ino == inode_of_namespace("1", "net"))
		return "It uses the network of the machine itself, which is not guarded.";
	place->inode = status.st_ino;
	read_powers(pid, place);
	return NULL;
}

const char *find_hierarchy(void)
{
	static char found[PATH_MAX];
	static bool looked, is_there;
	char root[PATH_MAX], point[PATH_MAX], line[3 * PATH_MAX];
	FILE *file;

	if (looked)
		return is_there ? found : NULL;
	looked = true;
	file = fopen("/proc/self/mountinfo", "re");
	while (file && !is_there && fgets(line, sizeof(line), file)) {
		/* proc(5): id, parent, device, root, mount point, …, " - ", type. */
		if (!strstr(line, " - cgroup2 "))
			continue;
		if (sscanf(line, "%*d %*d %*s %4095s %4095s", root, point) != 2 || strcmp(root, "/") != 0)
			continue;
		if (strcmp(point, "/sys/fs/cgroup") == 0) {
			is_there = true;
		} else if (strncmp(point, "/sys/fs/cgroup/", 15) == 0) {
			snprintf(found, sizeof(found), "%.4000s/", point + 15);
			is_there = true;
		}
	}
	if (file)
		fclose(file);
	return is_there ? found : NULL;
}

bool resolver_cgroup(const char *container, char path[PATH_MAX])
{
	const char *hierarchy = find_hierarchy();

	if (!hierarchy)
		return false;
	snprintf(path, PATH_MAX, "%.3900ssentra-egress/%.64s", hierarchy, container);
	return true;
}

/* The cgroup's folder, with a file in it when that is named. */
static bool folder_of(const char *container, const char *file, char path[PATH_MAX])
{
	char name[PATH_MAX];

	if (!resolver_cgroup(container, name))
		return false;
	snprintf(path, PATH_MAX, "/sys/fs/cgroup/%.4000s%s%s", name, *file ? "/" : "", file);
	return true;
}

const char *make_resolver_cgroup(const char *container)
{
	char path[PATH_MAX];

	if (!folder_of(container, "", path))
		return "This machine has no cgroup v2 hierarchy at /sys/fs/cgroup.";
	char *name = strrchr(path, '/');

	*name = 0;
	if (mkdir(path, 0755) != 0 && errno != EEXIST)
		return "The cgroup of the resolvers could not be made.";
	*name = '/';
	if (mkdir(path, 0755) != 0 && errno != EEXIST)
		return "The resolver's cgroup could not be made.";
	return NULL;
}

bool enter_resolver_cgroup(const char *container)
{
	char path[PATH_MAX];
	bool entered;
	int fd;

	if (!folder_of(container, "cgroup.procs", path))
		return false;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	entered = write(fd, "0", 1) == 1;
	close(fd);
	return entered;
}

int list_resolvers(const char *container, pid_t *pids, int most)
{
	char path[PATH_MAX];
	int count = 0;
	FILE *file;

	if (!folder_of(container, "cgroup.procs", path))
		return 0;
	file = fopen(path, "re");
	if (!file)
		return 0;
	while (count < most && fscanf(file, "%d", &pids[count]) == 1)
		if (pids[count] > 1 && pids[count] != getpid())
			count++;
	fclose(file);
	return count;
}

ino_t inode_of_resolver_cgroup(const char *container)
{
	struct stat status;
	char path[PATH_MAX];

	return folder_of(container, "", path) && stat(path, &status) == 0 ? status.st_ino : 0;
}

bool end_resolver(const char *container)
{
	pid_t pids[64];

	for (int tries = 0; tries < 50; tries++) {
		int count = list_resolvers(container, pids, 64);

		if (count == 0)
			return true;
		for (int i = 0; i < count; i++)
			/* As root, and as the user that a resolver runs as: no right to end others is needed. */
			if (kill(pids[i], SIGKILL) != 0 && errno == EPERM && seteuid(65534) == 0) {
				kill(pids[i], SIGKILL);
				if (seteuid(0) != 0)
					_exit(1);
			}
		usleep(20000);
	}
	return false;
}

void remove_resolver_cgroup(const char *container)
{
	char path[PATH_MAX];

	if (!folder_of(container, "", path))
		return;
	rmdir(path);
	*strrchr(path, '/') = 0;
	rmdir(path);
}

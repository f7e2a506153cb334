// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "place.h"
#include "sandbox.h"

/* The longest command line that is looked at, bytes; a sandbox's is some 1,000. */
#define MOST_COMMAND 16384

/*
 * Opens a path as the process sees it. Links in it stay within that process's root: followed from
 * here they would lead into the helper's own.
 */
static int open_in_root_of(int pid, const char *path, int flags)
{
	struct open_how how = { .flags = O_PATH | flags, .resolve = RESOLVE_IN_ROOT };
	char name[64];
	int root, found;

	snprintf(name, sizeof(name), "/proc/%d/root", pid);
	root = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -1;
	found = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
	close(root);
	return found;
}

/* Whether it is root's, and nobody else may write it. */
static bool is_roots_alone(const struct stat *status)
{
	return status->st_uid == 0 && (status->st_mode & 022) == 0;
}

static const char *open_program(int pid, int parent, struct sandbox *sandbox)
{
	char link[64], path[PATH_MAX];
	struct stat runs, here;
	ssize_t length;
	char *name;
	int machines;

	snprintf(link, sizeof(link), "/proc/%d/exe", pid);
	/* Held open before it is judged: what the process runs next is not what is run here. */
	sandbox->program = open(link, O_PATH);
	if (sandbox->program < 0)
		return "The container's main process has ended.";
	snprintf(link, sizeof(link), "/proc/self/fd/%d", sandbox->program);
	length = readlink(link, path, sizeof(path) - 1);
	if (length <= 0)
		return "What its main process runs cannot be looked at.";
	path[length] = 0;
	name = strrchr(path, '/');
	if (!name || strcmp(name, "/runsc") != 0)
		return "Its main process is no sandbox of gVisor.";
	machines = open_in_root_of(parent, path, 0);
	if (machines < 0 || fstat(machines, &here) != 0 || fstat(sandbox->program, &runs) != 0)
		return "The machine has no runsc where its main process has one.";
	close(machines);
	if (here.st_dev != runs.st_dev || here.st_ino != runs.st_ino)
		return "Its main process runs another runsc than the machine's.";
	if (!S_ISREG(runs.st_mode) || !is_roots_alone(&runs))
		return "Others than root may change the machine's runsc.";
	return NULL;
}

/* Reads a file of the process, at most so much; the length, or -1. */
static ssize_t read_whole(int pid, const char *name, char *buffer, size_t size)
{
	ssize_t length = 0, got = 0;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (size_t)length < size && (got = read(fd, buffer + length, size - length)) > 0)
		length += got;
	if (fd >= 0)
		close(fd);
	return fd < 0 || got < 0 ? -1 : length;
}

/* The process that started it, by which the engine's files are seen as the engine sees them; 0 for none. */
static int parent_of(int pid)
{
	char text[8192];
	ssize_t length = read_whole(pid, "status", text, sizeof(text) - 1);
	char *line;

	if (length < 0)
		return 0;
	text[length] = 0;
	line = strstr(text, "\nPPid:");
	return line ? atoi(line + 6) : 0;
}

const char *open_sandbox(const char *container, int pid, struct sandbox *sandbox)
{
	static const char option[] = "--root=";
	char command[MOST_COMMAND], state_root[PATH_MAX] = "";
	int parent = parent_of(pid);
	const char *problem;
	struct stat status;
	bool is_its = false;
	ssize_t length;

	/* What started it is the engine's, and sees the machine's files; a container's processes start others. */
	if (parent <= 1 || !is_machines(parent))
		return "The container's main process is not there, or was not started by the engine.";
	problem = open_program(pid, parent, sandbox);
	if (problem)
		return problem;
	length = read_whole(pid, "cmdline", command, sizeof(command));
	struct slice rest = { command, length > 0 ? (size_t)length : 0 };

	while (rest.length > 0) {
		struct slice word = take_until(&rest, 0);

		if (begins_with(word, option) && !state_root[0] && word.length < sizeof(state_root)) {
			word = without_first(word, strlen(option));
			memcpy(state_root, word.at, word.length);
			state_root[word.length] = 0;
		}
		is_its |= equals(word, container);
	}
	if (!is_its || !state_root[0])
		return "Its main process is not this container's sandbox.";
	sandbox->state_root = open_in_root_of(parent, state_root, O_DIRECTORY);
	if (sandbox->state_root < 0 || fstat(sandbox->state_root, &status) != 0)
		return "Where gVisor keeps this container cannot be opened.";
	if (!is_roots_alone(&status))
		return "Others than root may change where gVisor keeps this container.";
	return NULL;
}

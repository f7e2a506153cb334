// SPDX-License-Identifier: MIT
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "cgroup.h"
#include "text.h"

/* The longest line of the files of /proc that is looked at, bytes. */
#define MOST_LINE_OF_PROC (3 * PATH_MAX)

/* Whether the word is one of a list with commas between. */
static bool has_word(struct slice list, const char *word)
{
	while (list.length > 0)
		if (equals(take_until(&list, ','), word))
			return true;
	return false;
}

/* A line without its end. */
static struct slice line_of(const char *text)
{
	return (struct slice){ text, strcspn(text, "\n") };
}

/* The process's cgroup in the hierarchy of `pids`; `unified` is whether that is the one of v2. */
static bool find_membership(int pid, char path[PATH_MAX], bool *unified)
{
	char name[64], line[MOST_LINE_OF_PROC];
	bool found = false;
	FILE *file;

	snprintf(name, sizeof(name), "/proc/%d/cgroup", pid);
	file = fopen(name, "re");
	/* cgroups(7): "number:controllers:path", and "0::path" of v2. */
	while (file && fgets(line, sizeof(line), file)) {
		struct slice rest = line_of(line), number = take_until(&rest, ':');
		struct slice controllers = take_until(&rest, ':');
		bool is_pids = has_word(controllers, "pids");

		if (rest.length >= PATH_MAX || (!is_pids && !(equals(number, "0") && !controllers.length)))
			continue;
		if (found && !is_pids)
			continue;
		memcpy(path, rest.at, rest.length);
		path[rest.length] = 0;
		*unified = !is_pids;
		found = true;
	}
	if (file)
		fclose(file);
	return found;
}

/* Where that hierarchy is mounted, whole, below /sys/fs/cgroup. */
static bool find_mount(bool unified, char point[PATH_MAX])
{
	char line[MOST_LINE_OF_PROC], root[PATH_MAX], kind[32], options[PATH_MAX];
	bool found = false;
	FILE *file = fopen("/proc/self/mountinfo", "re");

	while (file && !found && fgets(line, sizeof(line), file)) {
		const char *right = strstr(line, " - ");

		/* proc(5): … root, mount point, …, " - ", type, source, options. */
		if (!right || sscanf(right, " - %31s %*s %4095s", kind, options) != 2 ||
		    sscanf(line, "%*d %*d %*s %4095s %4095s", root, point) != 2)
			continue;
		if (strcmp(root, "/") != 0 || strncmp(point, "/sys/fs/cgroup", 14) != 0)
			continue;
		found = unified ? strcmp(kind, "cgroup2") == 0
				: strcmp(kind, "cgroup") == 0 && has_word(line_of(options), "pids");
	}
	if (file)
		fclose(file);
	return found;
}

ino_t inode_of_cgroup(const char *container, int pid)
{
	char path[PATH_MAX], point[PATH_MAX], folder[2 * PATH_MAX];
	struct stat status;
	bool unified;
	char *own;

	if (!find_membership(pid, path, &unified) || !find_mount(unified, point))
		return 0;
	own = strstr(path, container);
	/* What lies beyond this cgroup namespace is told with "..". */
	if (!own || strstr(path, "/../"))
		return 0;
	own[strcspn(own, "/")] = 0;
	snprintf(folder, sizeof(folder), "%s%s", point, path);
	return stat(folder, &status) == 0 ? status.st_ino : 0;
}

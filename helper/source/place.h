// SPDX-License-Identifier: MIT
/* Where a container is: its network namespace, and the cgroup of its resolver. */
#ifndef SENTRA_HELPER_PLACE_H
#define SENTRA_HELPER_PLACE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/* A container's network namespace, held open. */
struct place {
	int namespace_fd;
	ino_t inode;
	/* Whether the container's processes may change the namespace, so also take walls down. */
	bool changeable;
	/* Whether they may send packets of any form. */
	bool raw;
	/* As whom its main process acts; root where that is not known. */
	unsigned int uid;
};

/*
 * Opens the network namespace of a process, if that process belongs to the container and the
 * namespace is neither the machine's nor the helper's own. NULL, or a sentence.
 */
const char *open_place(const char *container, int pid, struct place *place);

/* The container whose cgroup the process is in; false for none, and for a resolver. */
bool container_of(int pid, char *container);

/* Whether the process is the machine's own: in its process namespace, and in no container's cgroup. */
bool is_machines(int pid);

/* The inode of a process's namespace of that kind, such as "net"; 0 when it cannot be known. */
ino_t inode_of_namespace(const char *process, const char *kind);

/* The cgroup v2 hierarchy below /sys/fs/cgroup as nft names it: empty, or with a slash behind. NULL for none. */
const char *find_hierarchy(void);

/* As nft names the cgroup of the container's resolver. False when there is no hierarchy. */
bool resolver_cgroup(const char *container, char path[PATH_MAX]);

/* Makes that cgroup unless it is there. NULL, or a sentence. */
const char *make_resolver_cgroup(const char *container);

/* Puts the calling process into it. */
bool enter_resolver_cgroup(const char *container);

/* The processes in it, as many as fit. */
int list_resolvers(const char *container, pid_t *pids, int most);

/* The inode of it; 0 where there is none. */
ino_t inode_of_resolver_cgroup(const char *container);

/* Ends what is in it; false when something is left. */
bool end_resolver(const char *container);

/* Removes it, when nothing is in it; and the one above, when nothing is in that. */
void remove_resolver_cgroup(const char *container);

#endif

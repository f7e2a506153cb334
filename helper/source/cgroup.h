// SPDX-License-Identifier: MIT
#ifndef SENTRA_HELPER_CGROUP_H
#define SENTRA_HELPER_CGROUP_H

#include <sys/types.h>

/*
 * The inode of the container's own cgroup, by which the kernel knows it: of the folder that bears the
 * container's id, above what the container may have made beneath. In the hierarchy of the controller
 * `pids`, as the kernel sensor reads it. 0 when the process is in none of that container.
 */
ino_t inode_of_cgroup(const char *container, int pid);

#endif

// SPDX-License-Identifier: MIT
/* Trace sessions of gVisor's sandboxes: what they tell, and to whom. */
#ifndef SENTRA_HELPER_TRACE_H
#define SENTRA_HELPER_TRACE_H

#include "request.h"

/* Where the receiver listens: memory of the helper's own, which no one else sees. */
#define RECEIVER_FOLDER "/dev/shm/sentra-gvisor"

/* The receiver's folder, made unless it is there. NULL, or a sentence. */
const char *make_receiver_folder(void);

/*
 * The session as runsc takes it, a file in memory; -1 when there is none. The text is a line for each
 * point, "NAME CONTEXT OPTIONAL": names of a closed form, and what else they tell, each a closed list
 * with commas, or "-". Environments are in neither. `problem` is a sentence when the text is not so.
 */
int session_of(const char *container, struct slice points, const char **problem);

/* Begins the session of a container's sandbox, or ends it where no points are given, and answers. */
void trace(int socket, const struct request *request, struct slice points);

#endif

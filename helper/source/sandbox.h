// SPDX-License-Identifier: MIT
/* A container under gVisor: the process that plays its kernel, and the program that gives it orders. */
#ifndef SENTRA_HELPER_SANDBOX_H
#define SENTRA_HELPER_SANDBOX_H

#include "text.h"

/* Both held open, across the start of a program too. */
struct sandbox {
	/* The machine's own runsc, which the process runs. */
	int program;
	/* The folder in which this runtime keeps its containers. */
	int state_root;
};

/*
 * Finds both by the process, if it is the container's sandbox: it has to run a file that is root's
 * alone, is called runsc, and is the engine's own under that path, and to name the container in its
 * command line; the folder has to be root's alone. NULL, or a sentence.
 */
const char *open_sandbox(const char *container, int pid, struct sandbox *sandbox);

#endif

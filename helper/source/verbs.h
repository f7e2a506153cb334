// SPDX-License-Identifier: MIT
#ifndef SENTRA_HELPER_VERBS_H
#define SENTRA_HELPER_VERBS_H

#include "request.h"

/*
 * Does what a request asks and answers on the socket. Four verbs hand the socket on and do not come
 * back: after "ok 0", `sensor` is the kernel sensor's loader, `walls` the reader of walls and `gvisor`
 * the receiver of what gVisor tells, which take and give lines, and `resolve` is the resolver, which
 * gives its log. `text` is what followed the request's line.
 */
void carry_out(int socket, const struct request *request, char *text);

#endif

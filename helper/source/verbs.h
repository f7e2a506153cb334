// SPDX-License-Identifier: MIT
#ifndef SENTRA_HELPER_VERBS_H
#define SENTRA_HELPER_VERBS_H

#include "request.h"

/*
 * Does what a request asks and answers on the socket. Three verbs hand the socket on and do not come
 * back: after "ok 0", `sensor` is the kernel sensor's loader and `walls` the reader of walls, which
 * take and give lines, and `resolve` is the resolver, which gives its log. `text` is what followed the request's line.
 */
void carry_out(int socket, const struct request *request, char *text);

#endif

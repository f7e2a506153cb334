// SPDX-License-Identifier: MIT
#ifndef SENTRA_HELPER_PROBE_H
#define SENTRA_HELPER_PROBE_H

#include "place.h"

/*
 * Tries to get out of the namespace as that user, by a closed list of ways, and last by the name that
 * is allowed, when there is one. Writes a word a try into `words`, with a space between: open, sent,
 * timeout, rcodeN, or the name of an error.
 */
bool probe(const struct place *place, int uid, const char *name, char *words, size_t size);

#endif

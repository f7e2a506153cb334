// SPDX-License-Identifier: MIT
#ifndef SENTRA_HELPER_WAYS_H
#define SENTRA_HELPER_WAYS_H

#include "text.h"

/* The most ways out that are tried at once. */
#define MOST_WAYS 16

/*
 * Whether each line of the text is a way out of a container that a proof tries, in the spelling of
 * wall-probe.c: NULL when all are, else a sentence. They lead to addresses that nobody has, to the
 * instance's metadata, and to a name server that is not there; the names asked of that are free.
 * Writes each, with a zero behind, into `ways`, which ends with NULL; they point into the text, whose
 * line ends become zeros.
 */
const char *take_ways(char *text, size_t length, char *ways[MOST_WAYS + 1]);

#endif

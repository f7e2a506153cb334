// SPDX-License-Identifier: MIT
#ifndef SENTRA_HELPER_RULESET_H
#define SENTRA_HELPER_RULESET_H

#include "text.h"

/*
 * Whether a text is a wall, by a grammar of its own, before nft sees it: NULL when it is, else a
 * sentence. At the top there is nothing but adding, deleting and filling tables that are called
 * sentra, of the families inet and netdev; in them nothing but sets, maps, counters and chains out of a
 * closed list of words. So no text can include a file, define a variable, name another table, list,
 * queue, log or forward a packet. What stands in quotes is the name of an interface, or the cgroup of
 * this container's resolver and no other.
 */
const char *check_ruleset(struct slice text, const char *resolver_cgroup);

/* The same for the gate in the engine's network: tables of the families bridge and netdev alone. */
const char *check_gate(struct slice text);

#endif

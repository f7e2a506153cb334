// SPDX-License-Identifier: MIT
/* Running nft, and answering whoever asked. */
#ifndef SENTRA_HELPER_TOOL_H
#define SENTRA_HELPER_TOOL_H

#include "place.h"
#include "text.h"

/* What is run, and nothing else; each with arguments that stand in this program. */
#define NFT "/usr/sbin/nft"
#define DNSMASQ "/usr/sbin/dnsmasq"
#define LOADER "/usr/lib/sentra/sentra-syscalls"
#define KERNEL_PROGRAM "/usr/lib/sentra/syscalls.bpf.o"

/* A file in memory that holds the text, at its beginning; -1 when there is no memory. */
int file_of_text(struct slice text);

/* Answers "ok LENGTH" or "failed LENGTH", and that many bytes. False when nobody reads any more. */
bool answer(int socket, bool is_ok, struct slice text);
bool answer_failed(int socket, const char *sentence);

/*
 * Runs nft in the namespace with a ruleset to read, or to list what is there when `ruleset` is NULL;
 * answers with its output, `heading` before it, or with what was wrong.
 */
bool run_nft(const struct place *place, const struct slice *ruleset, struct slice *output);

#endif

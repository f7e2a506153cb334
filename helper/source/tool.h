// SPDX-License-Identifier: MIT
/* Running nft, and answering whoever asked. */
#ifndef SENTRA_HELPER_TOOL_H
#define SENTRA_HELPER_TOOL_H

#include "place.h"
#include "text.h"

/* What is run, and nothing else; each with arguments that stand in this program. */
#define NFT "/usr/sbin/nft"
#define DNSMASQ "/usr/sbin/dnsmasq"
#define LOOSE_LOG "/usr/lib/sentra/sentra-loose-log"
#define LOADER "/usr/lib/sentra/sentra-syscalls"
#define WALL_READER "/usr/lib/sentra/sentra-walls"
#define HOLDER "/usr/lib/sentra/sentra-holds"
#define EXPLAINER "/usr/lib/sentra/sentra-explains"
#define WALL_PROBE "/usr/lib/sentra/sentra-wall-probe"
#define RECEIVER "/usr/lib/sentra/sentra-gvisor"
#define KERNEL_PROGRAM "/usr/lib/sentra/syscalls.bpf.o"

/* Writes all of it, or reads exactly so much; false when the other end takes or writes less. */
bool write_all(int fd, const char *at, size_t length);
bool read_all(int fd, char *at, size_t length);

/* A file in memory that holds the text, at its beginning; -1 when there is no memory. */
int file_of_text(struct slice text);

/* Answers "ok LENGTH" or "failed LENGTH", and that many bytes. False when nobody reads any more. */
bool answer(int socket, bool is_ok, struct slice text);
bool answer_failed(int socket, const char *sentence);

/*
 * Hands a ruleset to nft, in the namespace: all of it or nothing is done. When it fails, `said` is
 * what was wrong.
 */
bool put_ruleset(int namespace_fd, struct slice ruleset, struct slice *said);

/* Runs a program to its end, and gives what it wrote. Whether it ended well. */
bool run_program(char *const words[], struct slice *said);

/* The same, and ends it after so many seconds. */
bool run_program_for(char *const words[], int seconds, struct slice *said);

#endif

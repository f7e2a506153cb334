// SPDX-License-Identifier: MIT
/* What may be asked of the helper: one request a connection, one line and perhaps a text behind it. */
#ifndef SENTRA_HELPER_REQUEST_H
#define SENTRA_HELPER_REQUEST_H

#include "text.h"

/* Counts up whenever an older monitor would be misunderstood, or would misunderstand. */
#define PROTOCOL 2

/* The longest first line with its end, and the longest text behind it; bytes. */
#define MOST_LINE 512
#define MOST_TEXT (8 * 1024 * 1024)

enum verb {
	VERB_HELLO,
	VERB_PLACES,
	VERB_RESOLVERS,
	VERB_CGROUP,
	VERB_LOOK,
	VERB_WALLS,
	VERB_HOLDS,
	VERB_EXPLAINS,
	VERB_APPLY,
	VERB_REMOVE,
	VERB_RESOLVE,
	VERB_FORGET,
	VERB_PROBE,
	VERB_SENSOR,
	VERB_GATE,
	VERB_GVISOR,
	VERB_TRACE,
	VERB_UNTRACE,
};

struct request {
	enum verb verb;
	/* With its closing zero; empty where the verb takes none. */
	char container[ID_LENGTH + 1];
	int pid;
	/* As whom is probed. */
	unsigned int uid;
	/* How much text follows the line. */
	size_t text_length;
};

/*
 * Understands the first line, without its end. NULL when it is understood, else a sentence. The line
 * is "sentra-helper PROTOCOL VERB", and then what the verb takes, each behind one space:
 * CONTAINER is an id of 64 digits, PID a process on the engine's host, UID a user, LENGTH the bytes of
 * text that follow.
 */
const char *parse_request(struct slice line, struct request *request);

#endif

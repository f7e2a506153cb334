// SPDX-License-Identifier: MIT
#include "request.h"

/* What a verb takes, in this order: c CONTAINER, p PID, u UID, l LENGTH. */
static const struct {
	const char *word, *takes;
	enum verb verb;
} verbs[] = {
	{ "hello", "", VERB_HELLO },	   { "places", "", VERB_PLACES },
	{ "look", "cp", VERB_LOOK },	   { "walls", "", VERB_WALLS },
	{ "apply", "cpl", VERB_APPLY },	   { "remove", "cp", VERB_REMOVE },
	{ "resolve", "cpl", VERB_RESOLVE }, { "forget", "c", VERB_FORGET },
	{ "probe", "cpul", VERB_PROBE },   { "sensor", "", VERB_SENSOR },
	{ "gate", "l", VERB_GATE },	   { "gvisor", "", VERB_GVISOR },
	{ "holds", "", VERB_HOLDS },	   { "explains", "", VERB_EXPLAINS },
	{ "trace", "cpl", VERB_TRACE },	   { "untrace", "cp", VERB_UNTRACE },
	{ "resolvers", "", VERB_RESOLVERS }, { "cgroup", "cp", VERB_CGROUP },
};

/* The highest pid that Linux gives, PID_MAX_LIMIT. */
#define MOST_PID 4194304

static const char *take(struct slice word, char kind, struct request *request)
{
	long number;

	switch (kind) {
	case 'c':
		if (!is_container_id(word))
			return "A container is named by the 64 digits of its id.";
		memcpy(request->container, word.at, ID_LENGTH);
		return NULL;
	case 'p':
		number = parse_number(word, MOST_PID);
		/* The first process is the machine's own. */
		if (number < 2)
			return "That is no process of a container.";
		request->pid = (int)number;
		return NULL;
	case 'u':
		/* The highest number means nobody's. */
		number = parse_number(word, 4294967294);
		if (number < 0)
			return "That is no user.";
		request->uid = (unsigned int)number;
		return NULL;
	default:
		number = parse_number(word, MOST_TEXT);
		if (number < 1)
			return "The text that follows is empty, or longer than 8 MiB.";
		request->text_length = (size_t)number;
		return NULL;
	}
}

const char *parse_request(struct slice line, struct request *request)
{
	memset(request, 0, sizeof(*request));
	if (!equals(take_until(&line, ' '), "sentra-helper"))
		return "That is no request.";
	if (parse_number(take_until(&line, ' '), 1000000) != PROTOCOL)
		return "This helper speaks protocol 2 alone: update Sentra and its helper to the same version.";
	struct slice word = take_until(&line, ' ');

	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (!equals(word, verbs[i].word))
			continue;
		request->verb = verbs[i].verb;
		for (const char *kind = verbs[i].takes; *kind; kind++) {
			const char *problem = take(take_until(&line, ' '), *kind, request);

			if (problem)
				return problem;
		}
		return line.length == 0 ? NULL : "There is more on the line than the verb takes.";
	}
	return "There is no such verb.";
}

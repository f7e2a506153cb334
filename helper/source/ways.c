// SPDX-License-Identifier: MIT
#include "ways.h"

/* Addresses for documentation (RFC 5737, RFC 3849), and that of the metadata of instances. */
static const char *const known[] = {
	"tcp-192.0.2.1-443",
	"udp-192.0.2.1-9",
	"tcp-2001:db8::1-443",
	"tcp-169.254.169.254-9",
	"tcp-192.0.2.53-853",
};

static const char asked[] = "name-192.0.2.53-53-";

static bool is_way(struct slice line)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (equals(line, known[i]))
			return true;
	return begins_with(line, asked) && is_name(without_first(line, strlen(asked)));
}

const char *take_ways(char *text, size_t length, char *ways[MOST_WAYS + 1])
{
	struct slice rest = { text, length };
	int count = 0;

	if (length == 0 || text[length - 1] != '\n')
		return "The ways out are not whole lines.";
	while (rest.length > 0) {
		struct slice line = take_until(&rest, '\n');

		if (count == MOST_WAYS || !is_way(line))
			return "That is no way out that a proof tries.";
		ways[count] = text + (line.at - text);
		ways[count++][line.length] = 0;
	}
	ways[count] = NULL;
	return NULL;
}

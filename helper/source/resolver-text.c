// SPDX-License-Identifier: MIT
#include "resolver-text.h"

#define REFUSAL_ADDRESS "241.0.0.1"

static const char *const lines[] = {
	/* What is refused is answered with an address that nobody has: REFUSAL_ADDRESS. */
	"address=/#/241.0.0.1",
	/* By this answer the guard is known for itself. */
	"address=/guard.sentra-proof.invalid/192.0.2.1",
	"bind-interfaces",
	"cache-size=0",
	"listen-address=127.0.0.1",
	"listen-address=::1",
	"local=/#/",
	"log-facility=-",
	"log-queries=extra",
	"max-ttl=300",
	"no-hosts",
	"no-ping",
	"no-poll",
	"no-resolv",
	"pid-file=",
	"port=15353",
	/* Whoever holds connections answers with placeholders there. */
	"server=127.0.0.1#15354",
	"stop-dns-rebind",
	"user=nobody",
};

/* Without these the resolver would read files of the image, listen elsewhere, or keep root's rights. */
static const char *const needed[] = {
	"bind-interfaces", "listen-address=127.0.0.1", "log-facility=-", "no-hosts",
	"no-resolv",       "pid-file=",		       "port=15353",	 "user=nobody",
};

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

/* Takes "/NAME/" off the line, where NAME may be all that is below a name. */
static bool take_pattern(struct slice *line)
{
	if (line->length == 0 || line->at[0] != '/')
		return false;
	*line = without_first(*line, 1);
	if (!memchr(line->at, '/', line->length))
		return false;
	struct slice name = take_until(line, '/');

	return is_name(begins_with(name, "*.") ? without_first(name, 2) : name);
}

/* Of "FAMILY#inet#sentra#nFAMILY_CLASS": one of the wall's sets of addresses. */
static bool is_set(struct slice set)
{
	char family = set.length > 0 ? set.at[0] : 0;

	if (family != '4' && family != '6')
		return false;
	set = without_first(set, 1);
	if (!begins_with(set, "#inet#sentra#n"))
		return false;
	set = without_first(set, strlen("#inet#sentra#n"));
	if (set.length < 3 || set.length > 30 || set.at[0] != family || set.at[1] != '_')
		return false;
	for (size_t i = 2; i < set.length; i++)
		if (!is_lower(set.at[i]) && !is_digit(set.at[i]) && set.at[i] != '_')
			return false;
	return true;
}

static bool are_sets(struct slice text)
{
	while (text.length > 0)
		if (!is_set(take_until(&text, ',')))
			return false;
	return true;
}

static bool is_decision(struct slice line)
{
	struct slice verb = line.length ? take_until(&line, '=') : line;

	if (!take_pattern(&line))
		return false;
	if (equals(verb, "local") || equals(verb, "rebind-domain-ok"))
		return line.length == 0;
	if (equals(verb, "server"))
		return is_address(line);
	if (equals(verb, "address"))
		return equals(line, REFUSAL_ADDRESS);
	return equals(verb, "nftset") && line.length > 0 && are_sets(line);
}

const char *check_resolver_text(struct slice text)
{
	bool found[COUNT(needed)] = { false };

	while (text.length > 0) {
		struct slice line = take_until(&text, '\n');
		bool known = line.length == 0;

		for (size_t i = 0; i < COUNT(lines) && !known; i++)
			known = equals(line, lines[i]);
		for (size_t i = 0; i < COUNT(needed); i++)
			found[i] |= equals(line, needed[i]);
		if (!known && !is_decision(line))
			return "The resolver's configuration holds a line that no wall needs.";
	}
	for (size_t i = 0; i < COUNT(needed); i++)
		if (!found[i])
			return "The resolver's configuration lacks a line that every wall needs.";
	return NULL;
}

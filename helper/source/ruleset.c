// SPDX-License-Identifier: MIT
#include "ruleset.h"

/* Every word that a set, a counter, a chain or a rule of a wall is made of. */
static const char *const words[] = {
	"accept", "ack", "add", "admin-prohibited", "arp", "auto-merge", "broadcast", "burst", "cgroupv2", "chain",
	"counter", "ct", "daddr", "destination-unreachable", "devices", "direction", "dport", "drop", "dynamic", "egress", "elements",
	"ether", "ether_type", "exists", "exthdr", "fib", "filter", "fin", "flags", "forward", "frag", "frag-off", "goto", "hook", "hoplimit", "icmp", "icmpv6",
	"icmpx", "iface_index", "iif", "iifname", "inet_proto", "inet_service", "ingress", "input", "interval", "invalid", "ip", "ip6",
	"ipv4_addr", "ipv6_addr", "l4proto", "length", "level", "limit", "map", "mark", "meta",
	"mld2-listener-report", "name", "nat", "nd-neighbor-advert", "nd-neighbor-solicit",
	"nd-router-solicit", "new", "oif", "oifname", "original", "output", "over", "packets", "policy", "priority", "proto-dst", "rate",
	"redirect", "reject", "reply", "reset", "return", "rst", "saddr", "set", "size", "socket",
	"sport", "state", "syn", "tcp", "th", "timeout", "to", "type", "udp", "update", "version", "with",
};

/* The words after which something of the wall's own is named. */
static const char *const naming[] = { "chain", "counter", "goto", "map", "name", "set" };

/* Words that are said in one way alone, to the end of the line. */
static const char *const fixed[][2] = {
	{ "dnat", " ip to ip daddr map @held4" },
	{ "log", " group 15353 snaplen 1500" },
};

/* The tables of a wall around a container, and those of the gate in the engine's network. */
static const char *const wall_tables[] = { "inet sentra", "netdev sentra", NULL };
static const char *const gate_tables[] = { "bridge sentra", "netdev sentra", NULL };

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

static bool is_one_of(struct slice word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (equals(word, list[i]))
			return true;
	return false;
}

/* The name of a set, a chain or a counter. */
static bool is_own_name(struct slice word)
{
	if (word.length == 0 || word.length > 31 || !is_lower(word.at[0]))
		return false;
	for (size_t i = 0; i < word.length; i++)
		if (!is_lower(word.at[i]) && !is_digit(word.at[i]) && word.at[i] != '_')
			return false;
	return true;
}

static bool is_device(struct slice name)
{
	if (name.length == 0 || name.length > 15)
		return false;
	for (size_t i = 0; i < name.length; i++) {
		char c = name.at[i];

		if (!is_lower(c) && !is_digit(c) && !(c >= 'A' && c <= 'Z') && !strchr("_.@:-", c))
			return false;
	}
	return true;
}

static bool is_hexadecimal_number(struct slice word)
{
	if (word.length < 3 || word.length > 10 || !begins_with(word, "0x"))
		return false;
	for (size_t i = 2; i < word.length; i++)
		if (!is_hexadecimal(word.at[i]))
			return false;
	return true;
}

/* A number: plain, negative, hexadecimal, a port behind a colon, a time, or a rate. */
static bool is_quantity(struct slice word)
{
	static const char *const units[] = { "", "s", "m", "h", "d", "/second", "/minute" };
	struct slice digits = word;
	size_t count = 0;

	if (is_hexadecimal_number(word))
		return true;
	if (word.length > 0 && (word.at[0] == '-' || word.at[0] == ':'))
		digits = without_first(word, 1);
	while (count < digits.length && is_digit(digits.at[count]))
		count++;
	return count > 0 && count <= 10 && is_one_of(without_first(digits, count), units, COUNT(units));
}

/* An address, or a range of them with its length behind a slash. */
static bool is_range(struct slice word)
{
	struct slice address = take_until(&word, '/');

	return is_address(address) && (word.length == 0 || parse_number(word, 128) >= 0);
}

static bool is_operator(struct slice word)
{
	static const char *const operators[] = { "{", "}", ",", ";", "(", ")", "&",  "|",
						 "=", "==", "!=", "<", ">", "<=", ">=", ".", ":" };

	return is_one_of(word, operators, COUNT(operators));
}

/* Takes the next word off the line; what nft reads as one word is one here. Empty at its end. */
static struct slice next_word(struct slice *line)
{
	static const char marks[] = "{},;()&|=!<>";
	struct slice word;

	while (line->length > 0 && line->at[0] == ' ')
		*line = without_first(*line, 1);
	word = (struct slice){ line->at, 0 };
	if (line->length == 0)
		return word;
	if (line->at[0] == '"') {
		const char *end = memchr(line->at + 1, '"', line->length - 1);

		word.length = end ? (size_t)(end - line->at) + 1 : line->length;
	} else if (strchr(marks, line->at[0])) {
		bool two = line->length > 1 && strchr("=!<>", line->at[0]) && line->at[1] == '=';

		word.length = two ? 2 : 1;
	} else {
		while (word.length < line->length && line->at[word.length] != ' ' &&
		       line->at[word.length] != '"' && !strchr(marks, line->at[word.length]))
			word.length++;
	}
	*line = without_first(*line, word.length);
	return word;
}

static bool is_allowed(struct slice word, struct slice before, const char *resolver_cgroup)
{
	if (word.at[0] == '"') {
		if (word.length < 3 || word.at[word.length - 1] != '"')
			return false;
		struct slice inner = { word.at + 1, word.length - 2 };

		return is_device(inner) || equals(inner, resolver_cgroup);
	}
	if (word.at[0] == '@')
		return is_own_name(without_first(word, 1));
	if (is_one_of(before, naming, COUNT(naming)) && is_own_name(word))
		return true;
	return is_operator(word) || is_one_of(word, words, COUNT(words)) || is_quantity(word) ||
	       is_range(word);
}

/* Whether the word begins what is said in one way alone, and `rest` is the rest of it. */
static bool is_fixed(struct slice word, struct slice rest)
{
	for (size_t i = 0; i < COUNT(fixed); i++)
		if (equals(word, fixed[i][0]) && equals(rest, fixed[i][1]))
			return true;
	return false;
}

/*
 * Looks at a line within a table. `opened` is how many braces it leaves open, and is never below zero
 * on the way, so that no line ends what an earlier one began.
 */
static const char *check_line(struct slice line, const char *resolver_cgroup, int *opened)
{
	struct slice before = { "", 0 };

	*opened = 0;
	for (;;) {
		struct slice word = next_word(&line);

		if (word.length == 0 || is_fixed(word, line))
			return NULL;
		if (!is_allowed(word, before, resolver_cgroup))
			return "The ruleset holds a word that no wall is made of.";
		if (equals(word, "{"))
			++*opened;
		if (equals(word, "}") && --*opened < 0)
			return "The ruleset closes more than it opens.";
		before = word;
	}
}

/* Whether the line is `PREFIX TABLE SUFFIX` for one of those tables. */
static bool is_statement(struct slice line, const char *prefix, const char *const *tables,
			 const char *suffix)
{
	if (!begins_with(line, prefix))
		return false;
	line = without_first(line, strlen(prefix));
	for (; *tables; tables++)
		if (begins_with(line, *tables) && equals(without_first(line, strlen(*tables)), suffix))
			return true;
	return false;
}

/* Sets and counters end on their line; a chain begins on one. */
static const char *check_in_table(struct slice line, const char *resolver_cgroup, int *depth)
{
	int opened;
	const char *problem;
	bool is_chain = begins_with(line, "chain ");

	if (!is_chain && !begins_with(line, "set ") && !begins_with(line, "map ") &&
	    !begins_with(line, "counter "))
		return "A table of a wall holds sets, maps, counters and chains alone.";
	problem = check_line(line, resolver_cgroup, &opened);
	if (problem)
		return problem;
	if (opened != (is_chain ? 1 : 0))
		return "The ruleset does not close what it opens.";
	*depth += opened;
	return NULL;
}

static const char *check(struct slice text, const char *const *tables, const char *resolver_cgroup)
{
	/* 0 at the top, 1 in a table, 2 in a chain. */
	int depth = 0;

	for (size_t i = 0; i < text.length; i++)
		if ((text.at[i] < ' ' || text.at[i] > '~') && text.at[i] != '\n')
			return "The ruleset holds characters that no wall has.";
	while (text.length > 0) {
		struct slice line = take_until(&text, '\n');
		const char *problem = NULL;
		int opened = 0;

		if (line.length == 0)
			continue;
		if (depth > 0 && equals(line, "}"))
			depth--;
		else if (depth == 2)
			problem = check_line(line, resolver_cgroup, &opened);
		else if (depth == 1)
			problem = check_in_table(line, resolver_cgroup, &depth);
		else if (is_statement(line, "table ", tables, " {"))
			depth = 1;
		else if (!is_statement(line, "add table ", tables, "") &&
			 !is_statement(line, "delete table ", tables, ""))
			problem = "The ruleset does more than make, fill and delete tables of Sentra's.";
		if (problem)
			return problem;
		if (opened != 0)
			return "The ruleset does not close what it opens.";
	}
	return depth == 0 ? NULL : "The ruleset does not close what it opens.";
}

const char *check_ruleset(struct slice text, const char *resolver_cgroup)
{
	return check(text, wall_tables, resolver_cgroup);
}

const char *check_gate(struct slice text)
{
	/* No cgroup has an empty name. */
	return check(text, gate_tables, "");
}

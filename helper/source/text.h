// SPDX-License-Identifier: MIT
/* Small questions about text that comes from outside. No function here reads beyond `length`. */
#ifndef SENTRA_HELPER_TEXT_H
#define SENTRA_HELPER_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* The length of a container's id, hexadecimal digits. */
#define ID_LENGTH 64

/* A part of a text that somebody else owns. */
struct slice {
	const char *at;
	size_t length;
};

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static inline bool is_hexadecimal(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f');
}

static inline bool equals(struct slice text, const char *other)
{
	return strlen(other) == text.length && memcmp(text.at, other, text.length) == 0;
}

static inline bool begins_with(struct slice text, const char *other)
{
	size_t length = strlen(other);

	return text.length >= length && memcmp(text.at, other, length) == 0;
}

static inline struct slice without_first(struct slice text, size_t count)
{
	return (struct slice){ text.at + count, text.length - count };
}

/* Takes what stands before the first `mark` off the text, with the mark; all of it without one. */
static inline struct slice take_until(struct slice *text, char mark)
{
	const char *end = text->length ? memchr(text->at, mark, text->length) : NULL;
	struct slice taken = { text->at, end ? (size_t)(end - text->at) : text->length };

	*text = without_first(*text, taken.length + (end ? 1 : 0));
	return taken;
}

/* Whether it is a container's id, and no other spelling of one. */
bool is_container_id(struct slice text);

/* A decimal number without sign, spaces or leading zeros, at most `most`; -1 for anything else. */
long parse_number(struct slice text, long most);

/* An IPv4 or IPv6 address as inet_pton(3) takes it. */
bool is_address(struct slice text);

/* A name of the DNS in lower case, 1 to 253 characters. */
bool is_name(struct slice text);

#endif

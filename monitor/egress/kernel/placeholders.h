/*
 * Addresses that stand for names which nobody has decided about yet, and the answers that tell them.
 * They are of 240.0.0.0/8, which is reserved (RFC 1112): no host has one. None is given twice, so that
 * what was mapped for an old name never leads a new one astray.
 */
#ifndef SENTRA_PLACEHOLDERS_H
#define SENTRA_PLACEHOLDERS_H

#include <stdint.h>
#include <string.h>
#include <sys/random.h>

#define MOST_NAMES 4096
#define MOST_NAME 253
#define FIRST_PLACEHOLDER 0xf0000001u
#define LAST_PLACEHOLDER 0xf0fffffeu
#define DNS_HEADER 12
#define MOST_ANSWER 512

struct placeholders {
	/* The address that is given out next, in the order of bytes of this machine. */
	uint32_t next;
	/* Each at its address modulo their number; the oldest give way. */
	struct {
		uint32_t address, hash;
		char name[MOST_NAME + 1];
	} names[MOST_NAMES];
};

static uint32_t hash_of(const char *name)
{
	/* FNV-1a, 32 bits. */
	uint32_t hash = 2166136261u;

	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * 16777619u;
	return hash;
}

static int is_placeholder(uint32_t address)
{
	return address >> 24 == FIRST_PLACEHOLDER >> 24;
}

/* The name that the address stands for; NULL for none that is known. */
static const char *name_of(const struct placeholders *all, uint32_t address)
{
	const char *name = all->names[address % MOST_NAMES].name;

	return all->names[address % MOST_NAMES].address == address && *name ? name : NULL;
}

/* The address that stands for the name; 0 when there are no more. */
static uint32_t placeholder_of(struct placeholders *all, const char *name)
{
	uint32_t hash = hash_of(name);

	for (int i = 0; i < MOST_NAMES; i++)
		if (all->names[i].hash == hash && strcmp(all->names[i].name, name) == 0)
			return all->names[i].address;
	/* Not where an earlier run began, whose placeholders programs may remember. */
	if (all->next == 0 && getrandom(&all->next, sizeof(all->next), 0) > 0)
		all->next = FIRST_PLACEHOLDER + all->next % 0x800000;
	if (!is_placeholder(all->next))
		return 0;
	if (all->next > LAST_PLACEHOLDER)
		return 0;
	uint32_t address = all->next++;

	all->names[address % MOST_NAMES].address = address;
	all->names[address % MOST_NAMES].hash = hash;
	strcpy(all->names[address % MOST_NAMES].name, name);
	return address;
}

/*
 * Reads the one question of a message: its name in lower case and its type. Where the question ends,
 * or 0 for what is no plain question about a host name.
 */
static int read_question(const uint8_t *message, int length, char name[MOST_NAME + 1], int *type)
{
	int at = DNS_HEADER, put = 0;

	/* QR and the opcode are 0, and there is one question. */
	if (length < DNS_HEADER || (message[2] & 0xf8) != 0 || message[4] != 0 || message[5] != 1)
		return 0;
	while (at < length && message[at] != 0) {
		int label = message[at++];

		if (label > 63 || at + label >= length || put + label + 1 > MOST_NAME)
			return 0;
		if (put > 0)
			name[put++] = '.';
		for (; label > 0; label--, at++) {
			char c = (char)message[at];

			if (c >= 'A' && c <= 'Z')
				c = (char)(c - 'A' + 'a');
			if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
				return 0;
			name[put++] = c;
		}
	}
	if (put == 0 || at + 5 > length)
		return 0;
	name[put] = 0;
	*type = message[at + 1] << 8 | message[at + 2];
	return at + 5;
}

/*
 * Makes the answer to a question that ends at `end`: the address for its type A, else that there is
 * none of its type; with no address, that it is refused. Its length.
 */
static int make_answer(uint8_t *answer, const uint8_t *question, int end, uint32_t address, int type)
{
	static const uint8_t record[] = { 0xc0, DNS_HEADER, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4 };
	int length = end;

	memcpy(answer, question, (size_t)end);
	/* An answer, recursion is available. */
	answer[2] = 0x80 | (question[2] & 1);
	answer[3] = 0x80 | (address == 0 ? 5 : 0);
	memset(answer + 6, 0, 6);
	if (address == 0 || type != 1)
		return length;
	answer[7] = 1;
	memcpy(answer + length, record, sizeof(record));
	length += (int)sizeof(record);
	for (int shift = 24; shift >= 0; shift -= 8)
		answer[length++] = (uint8_t)(address >> shift);
	return length;
}

/* Makes the question for the address of a name; its length, or 0 for what is no name. */
static int make_question(uint8_t *question, uint16_t number, const char *name)
{
	int at = DNS_HEADER;

	memset(question, 0, DNS_HEADER);
	question[0] = (uint8_t)(number >> 8);
	question[1] = (uint8_t)number;
	question[2] = 1;
	question[5] = 1;
	while (*name) {
		size_t label = strcspn(name, ".");

		if (label == 0 || label > 63 || at > MOST_NAME)
			return 0;
		question[at++] = (uint8_t)label;
		memcpy(question + at, name, label);
		at += (int)label;
		name += label + (name[label] == '.');
	}
	if (at == DNS_HEADER)
		return 0;
	memcpy(question + at, "\0\0\1\0\1", 5);
	return at + 5;
}

/* Behind the name at `at`; beyond the message for one that is cut short. */
static int after_name(const uint8_t *message, int length, int at)
{
	while (at < length && message[at] != 0) {
		if (message[at] >= 0xc0)
			return at + 2;
		at += message[at] + 1;
	}
	return at + 1;
}

/* The first address of type A among the answers; 0 for none. */
static uint32_t read_address(const uint8_t *message, int length)
{
	int at = DNS_HEADER, count;

	if (length < DNS_HEADER)
		return 0;
	count = message[6] << 8 | message[7];
	at = after_name(message, length, at) + 4;
	for (; count > 0 && at < length; count--) {
		at = after_name(message, length, at);
		if (at + 10 > length)
			return 0;
		const uint8_t *record = message + at;
		int size = record[8] << 8 | record[9];

		at += 10 + size;
		if (at > length)
			return 0;
		if (record[0] == 0 && record[1] == 1 && size == 4)
			return (uint32_t)record[10] << 24 | (uint32_t)record[11] << 16 |
			       (uint32_t)record[12] << 8 | record[13];
	}
	return 0;
}

#endif

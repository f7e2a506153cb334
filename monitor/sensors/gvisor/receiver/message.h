/* One message of a gVisor trace session: its header, and the few fields that are needed at once. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Types of messages: pkg/sentry/seccheck/points/common.proto of gVisor. */
enum type {
	CONTAINER_START = 1,
	SENTRY_CLONE = 2,
	RAW_CALL = 6,
	CALL_OPEN = 7,
	CALL_CONNECT = 10,
	CALL_EXECVE = 11,
	CALL_SOCKET = 12,
	CALL_DUP = 19,
};

struct bytes {
	const unsigned char *at;
	size_t length;
};

struct message {
	unsigned type;
	/* Messages that the sandbox threw away so far, modulo 2^32. */
	uint32_t dropped;
	struct bytes body;
};

/* A field of a protobuf message; `text` is set when it holds bytes. */
struct field {
	unsigned number;
	uint64_t value;
	struct bytes text;
};

static bool take_number(struct bytes *from, uint64_t *into)
{
	*into = 0;
	for (unsigned shift = 0; shift < 64 && from->length > 0; shift += 7) {
		unsigned char byte = *from->at;

		from->at++;
		from->length--;
		*into |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return true;
	}
	return false;
}

/* Takes the next field; false at the end and where the bytes make no sense. */
static bool take_field(struct bytes *from, struct field *field)
{
	uint64_t key, size = 0;

	if (!take_number(from, &key))
		return false;
	field->number = key >> 3;
	field->text = (struct bytes){ NULL, 0 };
	field->value = 0;
	switch (key & 7) {
	case 0:
		return take_number(from, &field->value);
	case 1:
		size = 8;
		break;
	case 2:
		if (!take_number(from, &size))
			return false;
		break;
	case 5:
		size = 4;
		break;
	default:
		return false;
	}
	if (size > from->length)
		return false;
	field->text = (struct bytes){ from->at, size };
	from->at += size;
	from->length -= size;
	return true;
}

/* Reads the header: its size, type, and the number of dropped messages, all little-endian. */
static bool parse_message(const unsigned char *packet, size_t size, struct message *message)
{
	size_t header;

	if (size < 8)
		return false;
	header = packet[0] | packet[1] << 8;
	if (header < 8 || header > size)
		return false;
	message->type = packet[2] | packet[3] << 8;
	message->dropped = packet[4] | packet[5] << 8 | packet[6] << 16 | (uint32_t)packet[7] << 24;
	message->body = (struct bytes){ packet + header, size - header };
	return true;
}

static bool contains(struct bytes bytes, const char *text)
{
	return memmem(bytes.at, bytes.length, text, strlen(text)) != NULL;
}

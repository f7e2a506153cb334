/* Which messages are passed on, and what is kept of the others; every call is counted. */
#pragma once

#include "sandbox.h"

/* A call that has ended, as far as it is looked at here. */
struct ended {
	uint64_t number, error, result;
	/* Fields of their own meaning by the type: a descriptor, its path, another one, flags. */
	uint64_t four, five, seven;
	struct bytes folder, name, text;
	bool has_context, has_exit;
};

static struct bytes text_in(struct bytes message, unsigned number)
{
	struct field field;

	while (take_field(&message, &field))
		if (field.number == number && field.text.at != NULL)
			return field.text;
	return (struct bytes){ NULL, 0 };
}

static struct ended read_ended(const struct message *message, bool *is_sound)
{
	struct bytes body = message->body, exit;
	unsigned number_field = message->type == RAW_CALL ? 4 : 3;
	struct ended ended = { 0 };
	struct field field;

	while (take_field(&body, &field)) {
		if (field.number == number_field)
			ended.number = field.value;
		if (field.text.at == NULL) {
			if (field.number == 4)
				ended.four = field.value;
			else if (field.number == 5)
				ended.five = field.value;
			else if (field.number == 7)
				ended.seven = field.value;
			continue;
		}
		if (field.number == 1) {
			ended.has_context = true;
			/* The folder it works in. */
			ended.folder = text_in(field.text, 8);
		} else if (field.number == 2) {
			ended.has_exit = true;
			exit = field.text;
			while (take_field(&exit, &field)) {
				if (field.number == 1)
					ended.result = field.value;
				if (field.number == 2)
					ended.error = field.value;
			}
		} else if (field.number == 5) {
			ended.name = field.text;
		} else if (field.number == 6) {
			ended.text = field.text;
		}
	}
	*is_sound = body.length == 0;
	return ended;
}

/* A first sieve; what the path really is, the reader judges. */
static bool may_matter(struct bytes path)
{
	static const char *const last[] = { "shadow", "gshadow", "mem", "token", "token_cache.json" };
	struct bytes name = path;

	for (size_t i = 0; i < path.length; i++)
		if (path.at[i] == '/')
			name = (struct bytes){ path.at + i + 1, path.length - i - 1 };
	for (size_t i = 0; i < sizeof(last) / sizeof(*last); i++)
		if (name.length == strlen(last[i]) && memcmp(name.at, last[i], name.length) == 0)
			return true;
	return contains(name, "credentials") || contains(path, ".kube/config") ||
	       contains(name, "docker.sock") || contains(name, "containerd.sock");
}

/* Whether a socket sees more than its own traffic: AF_PACKET, or SOCK_RAW and SOCK_PACKET of IPv4 and IPv6. */
static bool is_raw(uint64_t family, uint64_t type)
{
	return family == 17 || ((family == 2 || family == 10) && ((type & 0xf) == 3 || (type & 0xf) == 10));
}

#define WRITES 3
#define CREATES 0100
#define IN_PROGRESS 115

/* Whether a call succeeded, or was refused: EPERM, EACCES, ENOSYS. What was merely not there says nothing. */
static bool says_something(const struct ended *ended)
{
	return ended->error == 0 || ended->error == 1 || ended->error == 13 || ended->error == 38;
}

static bool judge_open(struct memory *memory, const struct ended *ended)
{
	/* What a relative path begins in: the folder that was handed over, else that of the process. */
	struct bytes folder = ended->name.length > 0 ? ended->name : ended->folder;
	char path[LONGEST_PATH];

	if (!says_something(ended))
		return false;
	if (!whole_path(folder, ended->text, path))
		return may_matter(ended->text);
	if (ended->error == 0 && (ended->seven & (WRITES | CREATES)))
		note_written(memory, path);
	return may_matter((struct bytes){ (unsigned char *)path, strlen(path) });
}

/* Of a program whether it was written since the sandbox is watched. */
static bool is_written(struct memory *memory, const struct ended *ended)
{
	struct bytes folder = ended->name.length > 0 ? ended->name : ended->folder;
	char path[LONGEST_PATH];

	return whole_path(folder, ended->text, path) && was_written(memory, path);
}

static bool judge_connect(struct memory *memory, const struct ended *ended, struct bytes body)
{
	struct bytes address = ended->text;
	unsigned family = address.length >= 2 ? address.at[0] | address.at[1] << 8 : 0;
	bool is_distant = (family == 2 || family == 10) &&
			  (ended->error == 0 || ended->error == IN_PROGRESS);

	note_contact(memory, socket_of(ended->name), is_distant ? body : (struct bytes){ NULL, 0 });
	/* Standard input or output itself. */
	if (is_distant && ended->four <= 1) {
		if (memory)
			memory->wired = true;
		return true;
	}
	return family == 1 && says_something(ended) &&
	       (contains(address, "docker.sock") || contains(address, "containerd.sock"));
}

/* A standard file becomes another. `first` is what has to be told before, if anything. */
static bool judge_copy(struct memory *memory, const struct ended *ended, struct contact **first)
{
	struct contact *contact = contact_of(memory, socket_of(ended->text));

	if (!memory || ended->error != 0 || ended->result > 1)
		return false;
	if (contact && !contact->told)
		*first = contact;
	if (contact)
		memory->wired = contact->told = true;
	return memory->wired;
}

/*
 * Counts a message that tells of the end of a call, and puts it where it is passed on from if it is to
 * be. Of raw calls those are that tell who made them: that is asked of the rare ones alone.
 */
static void take_message(struct queue *queue, struct connection *connection,
			 const struct message *message)
{
	struct memory *memory = memory_of(connection->id);
	struct contact *first = NULL;
	struct ended ended;
	bool is_sound, is_told = false, is_new = false;

	if (message->type == SENTRY_CLONE || message->type == CONTAINER_START) {
		put_message(queue, connection, message, false);
		return;
	}
	ended = read_ended(message, &is_sound);
	if (!is_sound)
		connection->malformed++;
	/* A call that a signal interrupted (ERESTARTSYS and its like) is made again, and ends then. */
	if (!ended.has_exit || (ended.error >= 512 && ended.error <= 516))
		return;
	if (ended.number >= CALLS)
		ended.number = CALLS - 1;
	connection->calls[ended.number]++;
	if (ended.error != 0 && says_something(&ended))
		connection->refused[ended.number]++;
	switch (message->type) {
	case RAW_CALL:
		is_told = ended.has_context;
		break;
	case CALL_OPEN:
		is_told = judge_open(memory, &ended);
		break;
	case CALL_CONNECT:
		is_told = judge_connect(memory, &ended, message->body);
		break;
	case CALL_EXECVE:
		/* A shell looks for a program in one folder after the other. */
		is_told = ended.error == 0;
		is_new = is_told && is_written(memory, &ended);
		break;
	case CALL_SOCKET:
		is_told = is_raw(ended.four, ended.five);
		break;
	case CALL_DUP:
		is_told = judge_copy(memory, &ended, &first);
		break;
	}
	if (first) {
		struct message contact = { CALL_CONNECT, message->dropped, { first->body, first->length } };

		put_message(queue, connection, &contact, false);
	}
	if (is_told)
		put_message(queue, connection, message, is_new);
}

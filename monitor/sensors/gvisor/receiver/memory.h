/*
 * What a sandbox did that later messages are to be read by: the files it opened for writing, so that a
 * program is known for new, and the sockets it connected, so that a shell on one is known for what it
 * is. To pass all of it on would be too much: it is kept here, bounded, and what matters is told.
 */
#pragma once

#include <stdlib.h>
#include "message.h"

#define MEMORIES 320
#define WRITTEN 4096
#define CONTACTS 64
#define LONGEST_PATH 4352
#define LONGEST_CONTACT 768

/* A socket that was connected to another machine, with the message that told so. */
struct contact {
	uint64_t socket;
	bool used, told;
	uint32_t length;
	unsigned char body[LONGEST_CONTACT];
};

struct memory {
	char id[65];
	/* Whether standard files of the sandbox's have been connections: from then on all that become them are told. */
	bool wired;
	unsigned next_written, next_contact;
	uint64_t written[WRITTEN];
	struct contact contacts[CONTACTS];
};

static struct memory *memories[MEMORIES];

static struct memory *known_memory(const char *id)
{
	for (int i = 0; i < MEMORIES; i++)
		if (memories[i] && strcmp(memories[i]->id, id) == 0)
			return memories[i];
	return NULL;
}

/* NULL where there is no room; what would be kept is then not known. */
static struct memory *memory_of(const char *id)
{
	struct memory *memory = known_memory(id);

	if (memory || id[0] == 0)
		return memory;
	for (int i = 0; i < MEMORIES; i++)
		if (!memories[i]) {
			memories[i] = calloc(1, sizeof(*memory));
			if (memories[i])
				strcpy(memories[i]->id, id);
			return memories[i];
		}
	return NULL;
}

static void forget_memory(const char *id)
{
	for (int i = 0; i < MEMORIES; i++)
		if (memories[i] && strcmp(memories[i]->id, id) == 0) {
			free(memories[i]);
			memories[i] = NULL;
		}
}

/* A path from the root on, without detours; false where the folder is not known, or it is too long. */
static bool whole_path(struct bytes folder, struct bytes path, char into[LONGEST_PATH])
{
	struct bytes parts[2] = { folder, path };
	size_t filled = 0;
	int first = path.length > 0 && path.at[0] == '/' ? 1 : 0;

	if (first == 0 && (folder.length == 0 || folder.at[0] != '/'))
		return false;
	for (int part = first; part < 2; part++)
		for (size_t i = 0; i < parts[part].length;) {
			const unsigned char *name = parts[part].at + i;
			size_t length = 0;

			while (i + length < parts[part].length && name[length] != '/')
				length++;
			i += length + 1;
			if (length == 0 || (length == 1 && name[0] == '.'))
				continue;
			if (length == 2 && name[0] == '.' && name[1] == '.') {
				while (filled > 0 && into[--filled] != '/')
					;
				continue;
			}
			if (filled + length + 2 > LONGEST_PATH)
				return false;
			into[filled++] = '/';
			memcpy(into + filled, name, length);
			filled += length;
		}
	into[filled] = 0;
	return true;
}

/* FNV-1a; 0 stands for nothing. */
static uint64_t hash_of(const char *path)
{
	uint64_t hash = 14695981039346656037ull;

	for (; *path; path++)
		hash = (hash ^ (unsigned char)*path) * 1099511628211ull;
	return hash ? hash : 1;
}

static bool was_written(const struct memory *memory, const char *path)
{
	uint64_t hash = hash_of(path);

	for (int i = 0; memory && i < WRITTEN; i++)
		if (memory->written[i] == hash)
			return true;
	return false;
}

static void note_written(struct memory *memory, const char *path)
{
	if (memory && !was_written(memory, path))
		memory->written[memory->next_written++ % WRITTEN] = hash_of(path);
}

/* The number in "socket:[NUMBER]"; 0 for anything else. */
static uint64_t socket_of(struct bytes path)
{
	uint64_t number = 0;

	if (path.length < 10 || memcmp(path.at, "socket:[", 8) != 0)
		return 0;
	for (size_t i = 8; i < path.length && path.at[i] >= '0' && path.at[i] <= '9'; i++)
		number = number * 10 + (path.at[i] - '0');
	return number;
}

static struct contact *contact_of(struct memory *memory, uint64_t socket)
{
	for (int i = 0; memory && socket && i < CONTACTS; i++)
		if (memory->contacts[i].used && memory->contacts[i].socket == socket)
			return &memory->contacts[i];
	return NULL;
}

/* The socket is connected, or, without a body, it is not to another machine. */
static void note_contact(struct memory *memory, uint64_t socket, struct bytes body)
{
	struct contact *contact = contact_of(memory, socket);

	if (contact)
		contact->used = false;
	if (!memory || !socket || body.length == 0 || body.length > LONGEST_CONTACT)
		return;
	contact = &memory->contacts[memory->next_contact++ % CONTACTS];
	*contact = (struct contact){ .socket = socket, .used = true, .length = body.length };
	memcpy(contact->body, body.at, body.length);
}

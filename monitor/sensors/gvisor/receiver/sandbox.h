/* What is known of the watched sandboxes and of the connections they made. */
#pragma once

#include <stdio.h>
#include <unistd.h>
#include "memory.h"

#define SANDBOXES 256
#define CONNECTIONS 1024
#define FIRST_CONNECTION 100000
#define ANY_LISTENER 99999
#define CALLS 512
#define QUEUE_BYTES (4 << 20)
/*
 * Single messages of one sandbox that are passed on in a window, of each of these kinds apart, so that a
 * crowd of one hides none of another; the rest is counted as lost.
 */
#define MESSAGES_A_WINDOW 400
enum kind { STARTS, FILES, GRAVE, KINDS };
#define LONGEST_MESSAGE 8192
/* How long a session from a container's start waits to be asked for. */
#define STRANGER_MS 60000

struct sandbox {
	char id[65];
	int listener;
	int pid;
};

struct connection {
	int fd;
	/* The sandbox it belongs to; -1 as long as it has not said. */
	int sandbox;
	char id[65];
	bool greeted, ended, told;
	/* Whether it has told since the container's start; such a session does not wait for its reader. */
	bool from_start;
	/* Whether the sandbox's end is known not to wait. */
	bool unblocked;
	unsigned looks;
	uint64_t look_at, since;
	uint32_t calls[CALLS], refused[CALLS];
	uint32_t dropped_so_far, dropped, malformed, lost, lost_calls, passed_on[KINDS];
};

/* Messages to be passed on: index of the connection, type, length, bytes. */
struct queue {
	size_t filled;
	char bytes[QUEUE_BYTES];
};

struct queued {
	char id[65];
	uint32_t type, length;
	/* Of a program that starts: whether its file was written since. */
	bool is_new;
};

static int find_sandbox(struct sandbox *sandboxes, const char *id)
{
	for (int i = 0; i < SANDBOXES; i++)
		if (sandboxes[i].listener >= 0 && strcmp(sandboxes[i].id, id) == 0)
			return i;
	return -1;
}

static int free_sandbox(struct sandbox *sandboxes)
{
	for (int i = 0; i < SANDBOXES; i++)
		if (sandboxes[i].listener < 0)
			return i;
	return -1;
}

static void begin_sandbox(struct sandbox *sandbox, const char *id, int listener)
{
	memset(sandbox, 0, sizeof(*sandbox));
	strcpy(sandbox->id, id);
	sandbox->listener = listener;
}

static int free_connection(struct connection *connections)
{
	for (int i = 0; i < CONNECTIONS; i++)
		if (connections[i].fd < 0 && !connections[i].ended)
			return i;
	return -1;
}

static void begin_connection(struct connection *connection, int fd, int sandbox, const char *id,
			     uint64_t now)
{
	memset(connection, 0, sizeof(*connection));
	connection->fd = fd;
	connection->sandbox = sandbox;
	connection->since = now;
	strcpy(connection->id, id);
}

/* Ends sessions of containers that nobody watches, who would pay for it, and of what never said who it is. */
static void close_strangers(struct connection *connections, uint64_t now)
{
	for (int i = 0; i < CONNECTIONS; i++)
		if (connections[i].fd >= 0 && connections[i].sandbox < 0 &&
		    now - connections[i].since >= STRANGER_MS) {
			close(connections[i].fd);
			connections[i].fd = -1;
			forget_memory(connections[i].id);
		}
}

static bool is_id(struct bytes text)
{
	for (size_t i = 0; i < text.length; i++)
		if (!(text.at[i] >= '0' && text.at[i] <= '9') && !(text.at[i] >= 'a' && text.at[i] <= 'f'))
			return false;
	return text.length == 64;
}

/* A session from the container's start names itself: field 2 of its first message is the id. */
static void name_connection(struct connection *connection, struct sandbox *sandboxes,
			    struct bytes body)
{
	struct field field;

	while (take_field(&body, &field))
		if (field.number == 2 && is_id(field.text)) {
			memcpy(connection->id, field.text.at, 64);
			connection->from_start = connection->unblocked = true;
			connection->sandbox = find_sandbox(sandboxes, connection->id);
			return;
		}
}

static void adopt_connections(struct connection *connections, const struct sandbox *sandbox, int index)
{
	for (int i = 0; i < CONNECTIONS; i++)
		if (connections[i].fd >= 0 && connections[i].sandbox < 0 &&
		    strcmp(connections[i].id, sandbox->id) == 0)
			connections[i].sandbox = index;
}

/* Whoever adds a sandbox again, as after a container's restart, does not know of what it tells by. */
static void tell_again(struct connection *connections, int index)
{
	for (int i = 0; i < CONNECTIONS; i++)
		if (connections[i].fd >= 0 && connections[i].sandbox == index)
			connections[i].told = false;
}

static void forget_connections(struct connection *connections, int index)
{
	for (int i = 0; i < CONNECTIONS; i++)
		if (connections[i].sandbox == index) {
			if (connections[i].fd >= 0)
				close(connections[i].fd);
			connections[i].fd = -1;
			connections[i].ended = false;
			connections[i].sandbox = -1;
		}
}

static bool tells_from_start(const struct connection *connections, const char *id)
{
	for (int i = 0; i < CONNECTIONS; i++)
		if (connections[i].fd >= 0 && connections[i].from_start && strcmp(connections[i].id, id) == 0)
			return true;
	return false;
}

static void note_dropped(struct connection *connection, uint32_t so_far)
{
	connection->dropped += so_far - connection->dropped_so_far;
	connection->dropped_so_far = so_far;
}

static enum kind kind_of(unsigned type)
{
	if (type == RAW_CALL)
		return GRAVE;
	return type == CALL_OPEN || type == CALL_CONNECT || type == CALL_SOCKET ? FILES : STARTS;
}

static void put_message(struct queue *queue, struct connection *connection,
			const struct message *message, bool is_new)
{
	struct queued head = { "", message->type, message->body.length, is_new };

	enum kind kind = kind_of(message->type);

	if (connection->passed_on[kind]++ >= MESSAGES_A_WINDOW || head.length > LONGEST_MESSAGE ||
	    queue->filled + sizeof(head) + head.length > QUEUE_BYTES || connection->id[0] == 0) {
		connection->lost++;
		connection->lost_calls += kind != STARTS;
		return;
	}
	memcpy(head.id, connection->id, 65);
	memcpy(queue->bytes + queue->filled, &head, sizeof(head));
	memcpy(queue->bytes + queue->filled + sizeof(head), message->body.at, head.length);
	queue->filled += sizeof(head) + head.length;
}

static size_t take_queue(struct queue *queue, char *into)
{
	size_t size = queue->filled;

	memcpy(into, queue->bytes, size);
	queue->filled = 0;
	return size;
}

/* What is told, as JSON lines. Nothing a container wrote goes out other than as hexadecimal digits. */
#pragma once

#include "sandbox.h"

static void tell_changes(FILE *out, struct connection *connections)
{
	for (int i = 0; i < CONNECTIONS; i++) {
		struct connection *connection = &connections[i];

		if (connection->sandbox < 0) {
			/* One that ended before it was anybody's. */
			if (connection->ended)
				forget_memory(connection->id);
			connection->ended = false;
			continue;
		}
		if (!connection->told && connection->greeted && connection->unblocked) {
			connection->told = true;
			fprintf(out, "{\"kind\":\"attached\",\"container\":\"%s\"}\n", connection->id);
		}
	}
}

static void tell_window(FILE *out, struct connection *connections, unsigned long long ms)
{
	const char *comma = "";

	fprintf(out, "{\"kind\":\"window\",\"ms\":%llu,\"containers\":[", ms);
	for (int i = 0; i < CONNECTIONS; i++) {
		struct connection *connection = &connections[i];
		const char *between = "";

		if (connection->sandbox < 0)
			continue;
		fprintf(out, "%s{\"container\":\"%s\",\"dropped\":%u,\"lost\":%u,\"lostCalls\":%u,\"malformed\":%u,\"counts\":[",
			comma, connection->id, connection->dropped, connection->lost,
			connection->lost_calls, connection->malformed);
		for (int call = 0; call < CALLS; call++)
			if (connection->calls[call] > 0) {
				fprintf(out, "%s[%d,%u,%u]", between, call, connection->calls[call],
					connection->refused[call]);
				between = ",";
			}
		fputs("]}", out);
		comma = ",";
		memset(connection->calls, 0, sizeof(connection->calls));
		memset(connection->refused, 0, sizeof(connection->refused));
		memset(connection->passed_on, 0, sizeof(connection->passed_on));
		connection->dropped = connection->lost = connection->lost_calls = connection->malformed = 0;
	}
	fputs("]}\n", out);
}

static bool is_told_by_another(const struct connection *connections, int sandbox)
{
	for (int i = 0; i < CONNECTIONS; i++)
		if (connections[i].fd >= 0 && connections[i].sandbox == sandbox)
			return true;
	return false;
}

/* After the last window, so that nothing that was counted is lost. */
static void tell_ends(FILE *out, struct connection *connections)
{
	for (int i = 0; i < CONNECTIONS; i++)
		if (connections[i].ended && connections[i].sandbox >= 0) {
			/* A session that took the place of this one is no end. */
			if (!is_told_by_another(connections, connections[i].sandbox))
				fprintf(out, "{\"kind\":\"gone\",\"container\":\"%s\"}\n",
					connections[i].id);
			connections[i].ended = false;
			connections[i].sandbox = -1;
		}
}

static void tell_messages(FILE *out, const char *taken, size_t size)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t at = 0; at + sizeof(struct queued) <= size;) {
		struct queued head;

		memcpy(&head, taken + at, sizeof(head));
		at += sizeof(head);
		fprintf(out, "{\"kind\":\"message\",\"container\":\"%s\",\"type\":%u,\"body\":\"", head.id,
			head.type);
		for (size_t i = 0; i < head.length; i++, at++) {
			unsigned char byte = taken[at];

			fputc(digits[byte >> 4], out);
			fputc(digits[byte & 15], out);
		}
		fputs(head.is_new ? "\",\"isNew\":true}\n" : "\"}\n", out);
	}
}

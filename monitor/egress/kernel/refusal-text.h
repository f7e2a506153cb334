/* What is read of a request over HTTP/1 that the wall refused, and the answer to it. */
#ifndef SENTRA_REFUSAL_TEXT_H
#define SENTRA_REFUSAL_TEXT_H

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define MOST_REQUEST 4096
#define MOST_HOST 260
#define MOST_REPLY 1024

enum request_state { REQUEST_UNFINISHED, REQUEST_WHOLE, REQUEST_FOREIGN };

/* Whether the text, which ends with a zero, is the head of such a request; a long one needs no end. */
static enum request_state state_of_request(const char *text, size_t length)
{
	size_t method = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	const char *line = strchr(text, '\n');

	if (method > 20 || (method < length && (method == 0 || text[method] != ' ')))
		return REQUEST_FOREIGN;
	if (line == NULL)
		return length < MOST_REQUEST ? REQUEST_UNFINISHED : REQUEST_FOREIGN;
	const char *version = memmem(text, (size_t)(line - text), " HTTP/1.", 8);

	if (version == NULL)
		return REQUEST_FOREIGN;
	return strstr(text, "\r\n\r\n") || strstr(text, "\n\n") ? REQUEST_WHOLE : REQUEST_UNFINISHED;
}

/* Whom the request names as its host, of harmless characters and without the port; empty for nobody. */
static void read_host(const char *text, char host[MOST_HOST])
{
	static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._[:]";
	const char *line = text;

	host[0] = 0;
	while ((line = strchr(line, '\n')) != NULL && *++line != '\r') {
		if (strncasecmp(line, "host:", 5) != 0)
			continue;
		const char *value = line + 5 + strspn(line + 5, " \t");
		size_t length = strspn(value, harmless);

		if (length == 0 || length >= MOST_HOST || !strchr("\r\n \t", value[length]))
			return;
		memcpy(host, value, length);
		host[length] = 0;
		return;
	}
}

/* Writes the whole answer; its length. */
static size_t write_refusal(char reply[MOST_REPLY], const char *request)
{
	char host[MOST_HOST], body[MOST_REPLY / 2 + MOST_HOST];

	read_host(request, host);
	int length = snprintf(body, sizeof(body),
			      "Refused by Sentra: no rule lets this container reach %s.\n"
			      "The network is not broken, and trying again will not help. "
			      "Whoever runs this container can allow it in Sentra.\n",
			      host[0] ? host : "that address");

	return (size_t)snprintf(reply, MOST_REPLY,
				"HTTP/1.1 403 Forbidden\r\n"
				"Content-Type: text/plain; charset=utf-8\r\n"
				"Content-Length: %d\r\n"
				"Cache-Control: no-store\r\n"
				"Connection: close\r\n\r\n%s",
				length, strncmp(request, "HEAD ", 5) == 0 ? "" : body);
}

#endif

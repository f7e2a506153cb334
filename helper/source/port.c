// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "place.h"
#include "port.h"
#include "text.h"
#include "tool.h"

/* How long the key may take to come, milliseconds. */
#define KEY_WAIT 30000

static int value_of(char digit)
{
	return is_digit(digit) ? digit - '0' : digit - 'a' + 10;
}

const char *take_key(uint8_t key[KEY_LENGTH])
{
	struct pollfd file = { .fd = 0, .events = POLLIN };
	char digits[2 * KEY_LENGTH + 1];
	const char *problem = NULL;
	size_t length = 0;
	int nothing;

	while (length < sizeof(digits) && poll(&file, 1, KEY_WAIT) > 0) {
		ssize_t got = read(0, digits + length, sizeof(digits) - length);

		if (got <= 0)
			break;
		length += (size_t)got;
	}
	if (length < sizeof(digits))
		problem = "Nobody handed over a key.";
	else if (digits[sizeof(digits) - 1] != '\n')
		problem = "What was handed over is no key.";
	for (size_t i = 0; !problem && i < KEY_LENGTH; i++) {
		char high = digits[2 * i], low = digits[2 * i + 1];

		if (!is_hexadecimal(high) || !is_hexadecimal(low))
			problem = "What was handed over is no key.";
		else
			key[i] = (uint8_t)(value_of(high) << 4 | value_of(low));
	}
	explicit_bzero(digits, sizeof(digits));
	nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (!problem && (nothing < 0 || dup2(nothing, 0) < 0))
		problem = "There is no /dev/null.";
	return problem;
}

int listen_on_port(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 128) != 0)
		return -1;
	return fd;
}

const char *enter_engines_network(void)
{
	char path[64];
	int fd;

	if (!is_machines(getppid()))
		return "What started the helper is not the engine, or not in sight.";
	snprintf(path, sizeof(path), "/proc/%d/ns/net", getppid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET) != 0)
		return "The engine's network cannot be entered.";
	close(fd);
	return NULL;
}

int open_sealed(int connection, uint8_t key[KEY_LENGTH], int told)
{
	struct channel channel;
	pid_t self = getpid(), passer;
	int yes = 1, sides[2];

	setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	setsockopt(connection, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof(yes));
	if (!shake_hands(connection, key, &channel))
		return -1;
	/* Whoever serves, and what it runs, needs no key. */
	explicit_bzero(key, KEY_LENGTH);
	if (write(told, &self, sizeof(self)) != sizeof(self) ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sides) != 0)
		return -1;
	close(told);
	passer = fork();
	if (passer == 0) {
		close(sides[0]);
		pass_on(connection, sides[1], &channel);
		_exit(0);
	}
	explicit_bzero(&channel, sizeof(channel));
	close(connection);
	close(sides[1]);
	return passer > 0 ? sides[0] : -1;
}

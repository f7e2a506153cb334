// SPDX-License-Identifier: MIT
/*
 * Becomes a program that does not wait for whoever reads its standard error, which has to be a socket:
 * what finds no room there fails at once. dnsmasq leaves such lines of its log out and says later how many;
 * else it would answer no question while its reader is stopped.
 *
 * Arguments: the program's path, and its own arguments.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * Room, in bytes as the kernel counts them twice: some 5,000 lines. That is more than is read in a second
 * (line-bound.ts), so that a reader that is late loses nothing, and one that was away sees that it did.
 */
#define ROOM (2 * 1024 * 1024)

int main(int count, char **words)
{
	int flags = fcntl(STDERR_FILENO, F_GETFL), room = ROOM;

	if (count < 2)
		return 2;
	/* Where the kernel gives less, more is left out. */
	setsockopt(STDERR_FILENO, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	if (flags < 0 || fcntl(STDERR_FILENO, F_SETFL, flags | O_NONBLOCK) != 0) {
		perror("Its log cannot be loosened");
		return 126;
	}
	execv(words[1], words + 1);
	perror(words[1]);
	return 127;
}

// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tool.h"

/* How much of what nft says is passed on, bytes. */
#define MOST_SAID 500

static bool write_all(int fd, const char *at, size_t length)
{
	while (length > 0) {
		ssize_t wrote = write(fd, at, length);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return false;
		at += wrote;
		length -= wrote;
	}
	return true;
}

int file_of_text(struct slice text)
{
	int fd = memfd_create("sentra", MFD_CLOEXEC);

	if (fd >= 0 && (!write_all(fd, text.at, text.length) || lseek(fd, 0, SEEK_SET) != 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

bool answer(int socket, bool is_ok, struct slice text)
{
	char line[40];
	int length = snprintf(line, sizeof(line), "%s %zu\n", is_ok ? "ok" : "failed", text.length);

	return write_all(socket, line, length) && write_all(socket, text.at, text.length);
}

bool answer_failed(int socket, const char *sentence)
{
	return answer(socket, false, (struct slice){ sentence, strlen(sentence) });
}

/* What nft wrote, as far as it is passed on. */
static struct slice read_back(int fd)
{
	static char text[MOST_SAID];
	ssize_t length = pread(fd, text, sizeof(text), 0);

	return (struct slice){ text, length > 0 ? (size_t)length : 0 };
}

/* In the child: becomes nft. */
static void become_nft(int namespace_fd, int input, int said)
{
	static char *const environment[] = { "LC_ALL=C", NULL };
	static char *const words[] = { NFT, "-f", "-", NULL };

	if (setns(namespace_fd, CLONE_NEWNET) != 0 || chdir("/") != 0)
		_exit(126);
	if (dup2(input, 0) < 0 || dup2(said, 1) < 0 || dup2(said, 2) < 0)
		_exit(126);
	execve(NFT, words, environment);
	_exit(127);
}

bool put_ruleset(int namespace_fd, struct slice ruleset, struct slice *said)
{
	int output = file_of_text((struct slice){ "", 0 });
	int input = file_of_text(ruleset);
	int status = 1;
	pid_t child = input < 0 || output < 0 ? -1 : fork();

	if (child == 0)
		become_nft(namespace_fd, input, output);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	*said = child > 0 ? read_back(output) : (struct slice){ "", 0 };
	if (said->length == 0)
		*said = (struct slice){ "nft could not be run.", 21 };
	close(output);
	close(input);
	return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

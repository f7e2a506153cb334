// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tool.h"

/* Longer output of nft is cut, and so not understood by whoever reads it; bytes. */
#define MOST_OUTPUT (32 * 1024 * 1024)
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

static struct slice read_back(int fd, size_t most)
{
	struct stat status;
	char *text;

	if (fstat(fd, &status) != 0 || status.st_size <= 0)
		return (struct slice){ "", 0 };
	size_t size = (size_t)status.st_size < most ? (size_t)status.st_size : most;

	text = malloc(size);
	if (!text || pread(fd, text, size, 0) != (ssize_t)size)
		return (struct slice){ "", 0 };
	return (struct slice){ text, size };
}

/* In the child: becomes nft. */
static void become_nft(const struct place *place, int input, int output, int errors)
{
	static char *const environment[] = { "LC_ALL=C", NULL };
	static char *const put[] = { NFT, "-f", "-", NULL };
	static char *const list[] = { NFT, "-j", "list", "ruleset", NULL };

	if (setns(place->namespace_fd, CLONE_NEWNET) != 0 || chdir("/") != 0)
		_exit(126);
	if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(errors, 2) < 0)
		_exit(126);
	execve(NFT, input == output ? list : put, environment);
	_exit(127);
}

bool run_nft(const struct place *place, const struct slice *ruleset, struct slice *output)
{
	int out = file_of_text((struct slice){ "", 0 });
	int errors = file_of_text((struct slice){ "", 0 });
	int input = ruleset ? file_of_text(*ruleset) : out;
	int status = 0;
	pid_t child;

	if (out < 0 || errors < 0 || input < 0) {
		*output = (struct slice){ "The helper is out of memory.", 28 };
		return false;
	}
	child = fork();
	if (child == 0)
		become_nft(place, input, out, errors);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	bool is_ok = child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;

	*output = is_ok ? read_back(out, MOST_OUTPUT) : read_back(errors, MOST_SAID);
	if (!is_ok && output->length == 0)
		*output = (struct slice){ "nft could not be run.", 21 };
	close(out);
	close(errors);
	if (input != out)
		close(input);
	return is_ok;
}

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

/* How much of what a program says is passed on, bytes. */
#define MOST_SAID 2000

bool write_all(int fd, const char *at, size_t length)
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

bool read_all(int fd, char *at, size_t length)
{
	while (length > 0) {
		ssize_t got = read(fd, at, length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		length -= got;
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

/* What a program wrote, as far as it is passed on. */
static struct slice read_back(int fd)
{
	static char text[MOST_SAID];
	ssize_t length = pread(fd, text, sizeof(text), 0);

	return (struct slice){ text, length > 0 ? (size_t)length : 0 };
}

/* In the child: becomes the program, in the namespace where one is given. */
static void become(char *const words[], int namespace_fd, int input, int said)
{
	static char *const environment[] = { "LC_ALL=C", NULL };

	if ((namespace_fd >= 0 && setns(namespace_fd, CLONE_NEWNET) != 0) || chdir("/") != 0)
		_exit(126);
	if (dup2(input, 0) < 0 || dup2(said, 1) < 0 || dup2(said, 2) < 0)
		_exit(126);
	execve(words[0], words, environment);
	_exit(127);
}

/* Waits for the child's end, which comes after so many seconds in any case; 0 is no limit. */
static int wait_for(pid_t child, int seconds)
{
	int status = 1;
	pid_t ended;

	for (long waited = 0;; waited += 5) {
		ended = waitpid(child, &status, seconds > 0 ? WNOHANG : 0);
		if (ended == child || (ended < 0 && errno != EINTR))
			return status;
		if (seconds > 0 && waited >= seconds * 1000l)
			kill(child, SIGKILL);
		if (seconds > 0)
			usleep(5000);
	}
}

static bool run(char *const words[], int namespace_fd, struct slice text, int seconds,
		struct slice *said)
{
	int output = file_of_text((struct slice){ "", 0 });
	int input = file_of_text(text);
	int status = 1;
	pid_t child = input < 0 || output < 0 ? -1 : fork();

	if (child == 0)
		become(words, namespace_fd, input, output);
	if (child > 0)
		status = wait_for(child, seconds);
	*said = child > 0 ? read_back(output) : (struct slice){ "", 0 };
	close(output);
	close(input);
	if (child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	if (said->length == 0)
		*said = (struct slice){ "It could not be run.", 20 };
	return false;
}

bool put_ruleset(int namespace_fd, struct slice ruleset, struct slice *said)
{
	static char *const words[] = { NFT, "-f", "-", NULL };

	return run(words, namespace_fd, ruleset, 0, said);
}

bool run_program(char *const words[], struct slice *said)
{
	return run_program_for(words, 0, said);
}

bool run_program_for(char *const words[], int seconds, struct slice *said)
{
	return run(words, -1, (struct slice){ "", 0 }, seconds, said);
}

/*
 * Signals processes that are still who they were taken for.
 *
 * Arguments: `kill`, `stop` or `continue`, and then three for each process: its id, when it began
 * (field 22 of /proc/ID/stat), and its mount namespace as its link tells it. Prints a line each: `done`,
 * which for a kill is that it has ended, `gone`, `other` where somebody else has the id now, `lives`
 * where it did not end in time, or `E` with the number of the error. It is held by a descriptor before
 * it is looked at, so that what is signalled is never another one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WAIT_MS 500

static int is_same(const char *id, const char *began, const char *mounts)
{
	char path[64], text[1024], *at;
	FILE *file;
	size_t length;
	ssize_t link;
	int field;

	snprintf(path, sizeof(path), "/proc/%.16s/stat", id);
	file = fopen(path, "r");
	if (file == NULL)
		return 0;
	length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[length] = '\0';
	/* Its name, in parentheses, may hold any character. */
	at = strrchr(text, ')');
	for (field = 2; at != NULL && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (at == NULL || strncmp(at + 1, began, strlen(began)) != 0 ||
	    at[1 + strlen(began)] != ' ')
		return 0;
	snprintf(path, sizeof(path), "/proc/%.16s/ns/mnt", id);
	link = readlink(path, text, sizeof(text) - 1);
	if (link < 0)
		return 0;
	text[link] = '\0';
	return strcmp(text, mounts) == 0;
}

static void send(int number, const char *id, const char *began, const char *mounts)
{
	int pid = atoi(id);
	int held = pid > 1 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
	struct pollfd wait = {.fd = held, .events = POLLIN};

	if (held < 0) {
		if (pid <= 1)
			puts("other");
		else if (errno == ESRCH)
			puts("gone");
		else
			printf("E%d\n", errno);
		return;
	}
	if (!is_same(id, began, mounts))
		puts("other");
	else if (syscall(SYS_pidfd_send_signal, held, number, NULL, 0) != 0)
		printf("E%d\n", errno);
	else
		puts(number != SIGKILL || poll(&wait, 1, WAIT_MS) > 0 ? "done" : "lives");
	close(held);
}

int main(int count, char **argument)
{
	const char *what = count > 1 ? argument[1] : "";
	int at, number;

	if (strcmp(what, "kill") == 0)
		number = SIGKILL;
	else if (strcmp(what, "stop") == 0)
		number = SIGSTOP;
	else if (strcmp(what, "continue") == 0)
		number = SIGCONT;
	else
		return 2;
	for (at = 2; at + 2 < count; at += 3)
		send(number, argument[at], argument[at + 1], argument[at + 2]);
	return 0;
}

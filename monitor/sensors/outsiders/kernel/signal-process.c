/*
 * Signals processes that are still who they were taken for.
 *
 * Arguments: `kill`, `stop` or `continue`, and then three for each process: its id, when it began
 * (field 22 of /proc/ID/stat), and its mount namespace as its link tells it. Prints a line each: `done`,
 * which for a kill is that it has ended, `gone`, `other` where somebody else has the id now, `lives`
 * where it did not end in time, or `E` with the number of the error. It is held by a descriptor before
 * it is looked at, so that what is signalled is never another one. All are signalled before the end of
 * any is waited for: what the kernel does not let end keeps nobody alive.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define WAIT_MS 500

/*
 * Whether the mount namespace of a process is this one. Of a first thread that has ended the kernel tells
 * none, though others go on: then that of one of these counts.
 */
static int has_mounts(const char *id, const char *mounts)
{
	char path[320], text[64];
	struct dirent *entry;
	ssize_t link;
	DIR *threads;

	snprintf(path, sizeof(path), "/proc/%.16s/ns/mnt", id);
	link = readlink(path, text, sizeof(text) - 1);
	snprintf(path, sizeof(path), "/proc/%.16s/task", id);
	threads = link < 0 ? opendir(path) : NULL;
	while (threads != NULL && link < 0 && (entry = readdir(threads)) != NULL) {
		snprintf(path, sizeof(path), "/proc/%.16s/task/%.255s/ns/mnt", id, entry->d_name);
		link = readlink(path, text, sizeof(text) - 1);
	}
	if (threads != NULL)
		closedir(threads);
	if (link < 0)
		return 0;
	text[link] = '\0';
	return strcmp(text, mounts) == 0;
}

static int is_same(const char *id, const char *began, const char *mounts)
{
	char path[64], text[1024], *at;
	FILE *file;
	size_t length;
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
	return has_mounts(id, mounts);
}

/* What came of one process; without a word it is the error. */
struct outcome {
	const char *word;
	int error;
};

static struct outcome send(int held, int number, const char *id, const char *began,
			   const char *mounts)
{
	if (held < 0)
		return (struct outcome){errno == ESRCH ? "gone" : NULL, errno};
	if (!is_same(id, began, mounts))
		return (struct outcome){"other", 0};
	if (syscall(SYS_pidfd_send_signal, held, number, NULL, 0) != 0)
		return (struct outcome){NULL, errno};
	return (struct outcome){number == SIGKILL ? "lives" : "done", 0};
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Marks those of the killed that end in time. */
static void await_ends(struct pollfd *ends, struct outcome *outcomes, int some)
{
	long until = now_ms() + WAIT_MS;
	int at, left = 0;

	for (at = 0; at < some; at++)
		left += ends[at].fd >= 0;
	/* The clock is read once a round: a time below zero would be without end. */
	for (long rest = WAIT_MS; left > 0 && rest > 0; rest = until - now_ms()) {
		if (poll(ends, some, (int)rest) <= 0)
			continue;
		for (at = 0; at < some; at++) {
			if (ends[at].fd < 0 || ends[at].revents == 0)
				continue;
			outcomes[at].word = "done";
			ends[at].fd = -1;
			left--;
		}
	}
}

int main(int count, char **argument)
{
	const char *what = count > 1 ? argument[1] : "";
	int some = count > 2 ? (count - 2) / 3 : 0;
	struct outcome *outcomes = calloc(some + 1, sizeof(*outcomes));
	struct pollfd *ends = calloc(some + 1, sizeof(*ends));
	int at, number;

	if (outcomes == NULL || ends == NULL)
		return 1;
	if (strcmp(what, "kill") == 0)
		number = SIGKILL;
	else if (strcmp(what, "stop") == 0)
		number = SIGSTOP;
	else if (strcmp(what, "continue") == 0)
		number = SIGCONT;
	else
		return 2;
	for (at = 0; at < some; at++) {
		char **one = argument + 2 + 3 * at;
		int pid = atoi(one[0]);
		int held = -1;

		outcomes[at].word = "other";
		if (pid > 1) {
			held = (int)syscall(SYS_pidfd_open, pid, 0);
			outcomes[at] = send(held, number, one[0], one[1], one[2]);
		}
		/* Held open until the end of the program. */
		ends[at].fd = number == SIGKILL && outcomes[at].word != NULL &&
				      strcmp(outcomes[at].word, "lives") == 0
				      ? held
				      : -1;
		ends[at].events = POLLIN;
		if (held >= 0 && ends[at].fd < 0)
			close(held);
	}
	await_ends(ends, outcomes, some);
	for (at = 0; at < some; at++) {
		if (outcomes[at].word == NULL)
			printf("E%d\n", outcomes[at].error);
		else
			puts(outcomes[at].word);
	}
	return 0;
}

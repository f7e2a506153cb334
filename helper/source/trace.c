// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "sandbox.h"
#include "tool.h"
#include "trace.h"

/* gVisor has points for 442 calls, each at its beginning and its end, and some 50 by name. */
#define MOST_POINTS 2048
#define MOST_CALL 1023
/* An order takes some 40 ms; one that waits for a receiver that does not answer is given up. */
#define ORDER_SECONDS 5

static const char not_a_point[] = "That is no point at which gVisor is asked to tell.";

const char *make_receiver_folder(void)
{
	struct stat status;

	if (mkdir(RECEIVER_FOLDER, 0700) != 0 && errno != EEXIST)
		return "The receiver's folder could not be made.";
	if (lstat(RECEIVER_FOLDER, &status) != 0 || !S_ISDIR(status.st_mode) || status.st_uid != 0 ||
	    (status.st_mode & 077) != 0)
		return "The receiver's folder is not root's alone.";
	return NULL;
}

/* "syscall/sysno/NUMBER/SIDE", "syscall/WORD/SIDE", and two more. `sentry/execve` would tell environments. */
static bool is_point(struct slice name)
{
	if (equals(name, "container/start") || equals(name, "sentry/clone"))
		return true;
	if (!equals(take_until(&name, '/'), "syscall"))
		return false;
	struct slice word = take_until(&name, '/');

	if (equals(word, "sysno") && parse_number(take_until(&name, '/'), MOST_CALL) < 0)
		return false;
	for (size_t i = 0; i < word.length; i++)
		if (!is_lower(word.at[i]) && !is_digit(word.at[i]) && word.at[i] != '_')
			return false;
	return word.length > 0 && (equals(name, "enter") || equals(name, "exit"));
}

/* Puts `"KEY":[…]` for a list whose every word is one of those, nothing for "-". Whether it was one. */
static bool put_fields(FILE *file, const char *key, struct slice list, const char *const known[])
{
	const char *before = "";

	if (equals(list, "-"))
		return true;
	fprintf(file, ",\"%s\":[", key);
	while (list.length > 0) {
		struct slice word = take_until(&list, ',');
		int i = 0;

		while (known[i] && !equals(word, known[i]))
			i++;
		if (!known[i])
			return false;
		fprintf(file, "%s\"%s\"", before, known[i]);
		before = ",";
	}
	fputc(']', file);
	return *before != 0;
}

static bool put_points(FILE *file, struct slice text)
{
	static const char *const context[] = { "group_id", "process_name", "credentials", "cwd", NULL };
	static const char *const optional[] = { "argv", "fd_path", NULL };
	int count = 0;

	while (text.length > 0) {
		struct slice line = take_until(&text, '\n');
		struct slice name = take_until(&line, ' '), fields = take_until(&line, ' ');

		if (++count > MOST_POINTS || !is_point(name))
			return false;
		fprintf(file, "%s{\"name\":\"%.*s\"", count > 1 ? "," : "", (int)name.length, name.at);
		if (!put_fields(file, "context_fields", fields, context) ||
		    !put_fields(file, "optional_fields", line, optional))
			return false;
		fputc('}', file);
	}
	return count > 0;
}

int session_of(const char *container, struct slice points, const char **problem)
{
	char *text = NULL;
	size_t length = 0;
	FILE *file = open_memstream(&text, &length);
	int session = -1;
	bool is_known;

	*problem = "The helper is out of memory.";
	if (!file)
		return -1;
	fputs("{\"name\":\"Default\",\"ignore_missing\":true,\"points\":[", file);
	is_known = put_points(file, points);
	fprintf(file,
		"],\"sinks\":[{\"name\":\"remote\",\"config\":{\"endpoint\":\"" RECEIVER_FOLDER
		"/%.32s.sock\",\"retries\":0},\"ignore_setup_error\":true}]}",
		container);
	if (!is_known)
		*problem = not_a_point;
	if (fclose(file) == 0 && is_known)
		session = file_of_text((struct slice){ text, length });
	free(text);
	/* runsc opens it by its number. */
	if (session >= 0 && fcntl(session, F_SETFD, 0) == 0)
		*problem = NULL;
	return session;
}

void trace(int socket, const struct request *request, struct slice points)
{
	char program[40], root[40], file[40];
	struct sandbox sandbox;
	const char *problem = NULL;
	struct slice said;
	int session = points.length > 0 ? session_of(request->container, points, &problem) : -1;
	bool is_done;

	problem = problem ? problem : open_sandbox(request->container, request->pid, &sandbox);
	if (problem) {
		answer_failed(socket, problem);
		return;
	}
	snprintf(program, sizeof(program), "/proc/self/fd/%d", sandbox.program);
	snprintf(root, sizeof(root), "/proc/self/fd/%d", sandbox.state_root);
	snprintf(file, sizeof(file), "/proc/self/fd/%d", session);
	char *begin[] = { program,    "--root", root, "trace", "create", "--force",
			  "--config", file,     (char *)request->container, NULL };
	char *end[] = { program,  "--root",  root, "trace", "delete",
			"--name", "Default", (char *)request->container, NULL };

	is_done = run_program_for(points.length > 0 ? begin : end, ORDER_SECONDS, &said);
	answer(socket, is_done, said);
}

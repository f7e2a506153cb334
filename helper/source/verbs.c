// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "cgroup.h"
#include "resolver-text.h"
#include "ruleset.h"
#include "tool.h"
#include "trace.h"
#include "verbs.h"
#include "ways.h"

/* How many containers and namespaces are listed; more are left out, and that is told. */
#define MOST_PLACES 4096

static char *const environment[] = { "LC_ALL=C", NULL };

/* Answers with what `write` puts into a text of its own. */
static void answer_text(int socket, void (*put)(FILE *, const void *), const void *about)
{
	char *text = NULL;
	size_t length = 0;
	FILE *file = open_memstream(&text, &length);

	if (!file)
		return;
	put(file, about);
	if (fclose(file) == 0)
		answer(socket, true, (struct slice){ text, length });
	free(text);
}

static void put_hello(FILE *file, const void *about)
{
	char line[256];
	unsigned long long capabilities = 0;
	const char *hierarchy = find_hierarchy();
	FILE *status = fopen("/proc/self/status", "re");

	(void)about;
	while (status && fgets(line, sizeof(line), status))
		sscanf(line, "CapEff: %llx", &capabilities);
	if (status)
		fclose(status);
	fprintf(file, "{\"protocol\":%d,\"pid\":%d,\"network\":%llu,\"capabilities\":\"%llx\"", PROTOCOL,
		getppid(), (unsigned long long)inode_of_namespace("self", "net"), capabilities);
	fputs(",\"hierarchy\":", file);
	/* The mount point is a word of /proc/self/mountinfo: no quote, no space. */
	fprintf(file, hierarchy ? "\"%s\"" : "null", hierarchy);
	fprintf(file, ",\"kernelTypes\":%s,\"nft\":%s,\"dnsmasq\":%s,\"loader\":%s,\"walls\":%s}",
		access("/sys/kernel/btf/vmlinux", R_OK) == 0 ? "true" : "false",
		access(NFT, X_OK) == 0 ? "true" : "false", access(DNSMASQ, X_OK) == 0 ? "true" : "false",
		access(LOADER, X_OK) == 0 ? "true" : "false",
		access(WALL_READER, X_OK) == 0 ? "true" : "false");
}

static void put_resolvers(FILE *file, void (*put)(FILE *, const char *))
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *folder;

	if (!find_hierarchy())
		return;
	snprintf(path, sizeof(path), "/sys/fs/cgroup/%.4000ssentra-egress", find_hierarchy());
	folder = opendir(path);
	while (folder && (entry = readdir(folder)))
		if (is_container_id((struct slice){ entry->d_name, strlen(entry->d_name) }))
			put(file, entry->d_name);
	if (folder)
		closedir(folder);
}

static void put_resolver(FILE *file, const char *container)
{
	fprintf(file, "resolver %s\n", container);
}

/* "resolver CONTAINER INODE" of its cgroup, and "process PID STATE PARENT STARTED" of what is in that. */
static void put_processes(FILE *file, const char *container)
{
	pid_t pids[64];
	int count = list_resolvers(container, pids, 64);

	fprintf(file, "resolver %s %llu\n", container,
		(unsigned long long)inode_of_resolver_cgroup(container));
	for (int i = 0; i < count; i++) {
		char path[64], text[1024] = "", state, *end;
		unsigned long long started;
		int parent;
		FILE *stat;

		snprintf(path, sizeof(path), "/proc/%d/stat", pids[i]);
		stat = fopen(path, "re");
		/* proc(5): the name stands in brackets, and may hold some; the 22nd is the time of its start. */
		end = stat && fgets(text, sizeof(text), stat) ? strrchr(text, ')') : NULL;
		if (stat)
			fclose(stat);
		if (end && sscanf(end + 1,
				  " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d "
				  "%*d %*d %llu",
				  &state, &parent, &started) == 3)
			fprintf(file, "process %d %c %d %llu\n", pids[i], state, parent, started);
	}
}

static void put_all_resolvers(FILE *file, const void *about)
{
	(void)about;
	put_resolvers(file, put_processes);
}

/* Each container with each network that processes of it are in, and the lowest pid there. */
static void put_places(FILE *file, const void *about)
{
	static struct {
		char container[ID_LENGTH + 1];
		ino_t inode;
	} seen[MOST_PLACES];
	ino_t own = inode_of_namespace("self", "net"), machine = inode_of_namespace("1", "net");
	int count = 0;
	struct dirent *entry;
	DIR *folder = opendir("/proc");

	(void)about;
	put_resolvers(file, put_resolver);
	/* The kernel lists processes by rising pid. */
	while (folder && (entry = readdir(folder))) {
		char container[ID_LENGTH + 1];
		bool known = false;

		if (!isdigit((unsigned char)entry->d_name[0]) || !container_of(atoi(entry->d_name), container))
			continue;
		ino_t inode = inode_of_namespace(entry->d_name, "net");

		if (inode == 0 || inode == own || inode == machine)
			continue;
		for (int i = 0; i < count && !known; i++)
			known = seen[i].inode == inode && strcmp(seen[i].container, container) == 0;
		if (known)
			continue;
		if (count == MOST_PLACES) {
			fputs("more\n", file);
			break;
		}
		memcpy(seen[count].container, container, sizeof(container));
		seen[count++].inode = inode;
		fprintf(file, "place %s %s %llu\n", container, entry->d_name, (unsigned long long)inode);
	}
	if (folder)
		closedir(folder);
}

/* Whether ::1 is there to listen on; Docker switches IPv6 off where no network has it. */
static bool has_loopback6(int pid)
{
	char path[64], line[256];
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/net/if_inet6", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		found |= strncmp(line, "00000000000000000000000000000001 ", 33) == 0;
	if (file)
		fclose(file);
	return found;
}

struct look {
	int pid;
	const struct place *place;
};

/*
 * "INODE CHANGEABLE IPV6 RAW UID", and a line "NAME SENT" for each interface that leads out, with the packets
 * that it has sent. The kernel lets no name have spaces in it.
 */
static void put_look(FILE *file, const void *about)
{
	const struct look *look = about;
	char path[64], line[512];
	FILE *devices;

	fprintf(file, "%llu %d %d %d %u\n", (unsigned long long)look->place->inode,
		look->place->changeable, has_loopback6(look->pid), look->place->raw, look->place->uid);
	snprintf(path, sizeof(path), "/proc/%d/net/dev", look->pid);
	devices = fopen(path, "re");
	for (int number = 0; devices && fgets(line, sizeof(line), devices); number++) {
		/* proc(5): two lines of headings, then "name: figures"; a name may hold colons. */
		char *name = line + strspn(line, " "), *end = strrchr(line, ':');
		unsigned long long sent = 0;

		if (number < 2 || !end)
			continue;
		*end = 0;
		sscanf(end + 1, "%*u %*u %*u %*u %*u %*u %*u %*u %*u %llu", &sent);
		if (strcmp(name, "lo") != 0)
			fprintf(file, "%s %llu\n", name, sent);
	}
	if (devices)
		fclose(devices);
}

static void answer_look(int socket, const struct request *request, const struct place *place)
{
	struct look look = { request->pid, place };

	answer_text(socket, put_look, &look);
}

static void put_number(FILE *file, const void *about)
{
	fprintf(file, "%llu\n", *(const unsigned long long *)about);
}

/* By which the kernel sensor knows the container. */
static void answer_cgroup(int socket, const struct request *request)
{
	unsigned long long inode = inode_of_cgroup(request->container, request->pid);

	if (inode == 0)
		answer_failed(socket, "The container's cgroup is not found on the engine's host.");
	else
		answer_text(socket, put_number, &inode);
}

static void apply(int socket, const struct request *request, struct slice text)
{
	char cgroup[PATH_MAX];
	const char *problem = NULL;
	struct place place;
	struct slice said;

	/* Nothing is made before all is known to be in order. */
	if (!resolver_cgroup(request->container, cgroup))
		problem = "This machine has no cgroup v2 hierarchy at /sys/fs/cgroup.";
	problem = problem ? problem : check_ruleset(text, cgroup);
	problem = problem ? problem : open_place(request->container, request->pid, &place);
	problem = problem ? problem : make_resolver_cgroup(request->container);
	if (problem)
		answer_failed(socket, problem);
	else if (!put_ruleset(place.namespace_fd, text, &said))
		answer(socket, false, said);
	else
		answer_look(socket, request, &place);
}

/* In the engine's own network, which the helper's is. */
static void put_gate(int socket, struct slice text)
{
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	const char *problem = check_gate(text);
	struct slice said;

	if (!problem && own < 0)
		problem = "The engine's network cannot be opened.";
	if (problem)
		answer_failed(socket, problem);
	else
		answer(socket, put_ruleset(own, text, &said), said);
}

static void take_away(int socket, const struct request *request, const struct place *place)
{
	static const char removal[] = "add table inet sentra\ndelete table inet sentra\n"
				      "add table netdev sentra\ndelete table netdev sentra\n";
	struct slice text = { removal, sizeof(removal) - 1 }, said;

	if (!put_ruleset(place->namespace_fd, text, &said)) {
		answer(socket, false, said);
		return;
	}
	if (!end_resolver(request->container)) {
		answer_failed(socket, "Its resolver could not be ended.");
		return;
	}
	remove_resolver_cgroup(request->container);
	answer(socket, true, (struct slice){ "", 0 });
}

/* Becomes the resolver, whose log goes to whoever asked. */
static void resolve(int socket, const struct request *request, struct slice text,
		    const struct place *place)
{
	static char *const words[] = { LOOSE_LOG, DNSMASQ, "--keep-in-foreground", "--conf-file=-", NULL };
	const char *problem = make_resolver_cgroup(request->container);
	int configuration = file_of_text(text);
	int nothing = open("/dev/null", O_WRONLY);

	if (!problem && !end_resolver(request->container))
		problem = "The resolver that ran before could not be ended.";
	if (!problem && (configuration < 0 || nothing < 0))
		problem = "The helper is out of memory.";
	if (!problem && !enter_resolver_cgroup(request->container))
		problem = "The resolver could not be put into its cgroup.";
	if (!problem && setns(place->namespace_fd, CLONE_NEWNET) != 0)
		problem = "The container's network could not be entered.";
	if (problem) {
		answer_failed(socket, problem);
		return;
	}
	if (!answer(socket, true, (struct slice){ "", 0 }) || chdir("/") != 0)
		return;
	if (dup2(configuration, 0) < 0 || dup2(nothing, 1) < 0 || dup2(socket, 2) < 0)
		return;
	alarm(0);
	/* It goes on when the helper ends. */
	prctl(PR_SET_PDEATHSIG, 0);
	execve(LOOSE_LOG, words, environment);
	_exit(127);
}

/* Becomes a program that takes lines from whoever asked, and tells lines. */
static void become(int socket, char *const words[])
{
	int nothing = open("/dev/null", O_WRONLY);

	if (nothing < 0 || !answer(socket, true, (struct slice){ "", 0 }) || chdir("/") != 0)
		return;
	if (dup2(socket, 0) < 0 || dup2(socket, 1) < 0 || dup2(nothing, 2) < 0)
		return;
	alarm(0);
	execve(words[0], words, environment);
	_exit(127);
}

/*
 * Tries ways out of the container by a program that has its cgroups and network, and that uid. `words`
 * is that program's command line, in which the first four are still to be filled in.
 */
static void probe(int socket, const struct request *request, char *words[], const struct place *place)
{
	char pid[16], inode[24], uid[16];
	struct slice said;

	snprintf(pid, sizeof(pid), "%d", request->pid);
	snprintf(inode, sizeof(inode), "%llu", (unsigned long long)place->inode);
	snprintf(uid, sizeof(uid), "%u", request->uid);
	words[0] = WALL_PROBE;
	words[1] = pid;
	words[2] = inode;
	words[3] = uid;
	answer(socket, run_program(words, &said), said);
}

static void in_place(int socket, const struct request *request, char *text)
{
	char *words[4 + MOST_WAYS + 1];
	struct place place;
	const char *problem = NULL;

	if (request->verb == VERB_PROBE)
		problem = take_ways(text, request->text_length, words + 4);
	problem = problem ? problem : open_place(request->container, request->pid, &place);
	if (problem) {
		answer_failed(socket, problem);
		return;
	}
	if (request->verb == VERB_LOOK)
		answer_look(socket, request, &place);
	else if (request->verb == VERB_REMOVE)
		take_away(socket, request, &place);
	else if (request->verb == VERB_RESOLVE)
		resolve(socket, request, (struct slice){ text, request->text_length }, &place);
	else
		probe(socket, request, words, &place);
}

void carry_out(int socket, const struct request *request, char *bytes)
{
	struct slice text = { bytes, request->text_length };
	static char *const loader[] = { LOADER, KERNEL_PROGRAM, NULL };
	static char *const reader[] = { WALL_READER, NULL };
	static char *const holder[] = { HOLDER, NULL };
	static char *const explainer[] = { EXPLAINER, NULL };
	static char *const receiver[] = { RECEIVER, RECEIVER_FOLDER, NULL };
	const char *problem;

	switch (request->verb) {
	case VERB_HELLO:
		answer_text(socket, put_hello, NULL);
		return;
	case VERB_PLACES:
		answer_text(socket, put_places, NULL);
		return;
	case VERB_RESOLVERS:
		answer_text(socket, put_all_resolvers, NULL);
		return;
	case VERB_CGROUP:
		answer_cgroup(socket, request);
		return;
	case VERB_APPLY:
		apply(socket, request, text);
		return;
	case VERB_FORGET:
		if (!end_resolver(request->container)) {
			answer_failed(socket, "Its resolver could not be ended.");
			return;
		}
		remove_resolver_cgroup(request->container);
		answer(socket, true, (struct slice){ "", 0 });
		return;
	case VERB_SENSOR:
		become(socket, loader);
		return;
	case VERB_WALLS:
		become(socket, reader);
		return;
	case VERB_HOLDS:
		become(socket, holder);
		return;
	case VERB_EXPLAINS:
		become(socket, explainer);
		return;
	case VERB_GATE:
		put_gate(socket, text);
		return;
	case VERB_GVISOR:
		problem = make_receiver_folder();
		if (problem)
			answer_failed(socket, problem);
		else
			become(socket, receiver);
		return;
	case VERB_TRACE:
	case VERB_UNTRACE:
		trace(socket, request, text);
		return;
	case VERB_RESOLVE:
		problem = check_resolver_text(text);
		if (problem) {
			answer_failed(socket, problem);
			return;
		}
		in_place(socket, request, bytes);
		return;
	case VERB_LOOK:
	case VERB_REMOVE:
	case VERB_PROBE:
		in_place(socket, request, bytes);
		return;
	}
}

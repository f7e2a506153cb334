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
#include "probe.h"
#include "resolver-text.h"
#include "ruleset.h"
#include "tool.h"
#include "verbs.h"

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
	fprintf(file, "{\"protocol\":%d,\"capabilities\":\"%llx\",\"hierarchy\":", PROTOCOL, capabilities);
	/* The mount point is a word of /proc/self/mountinfo: no quote, no space. */
	fprintf(file, hierarchy ? "\"%s\"" : "null", hierarchy);
	fprintf(file, ",\"kernelTypes\":%s,\"nft\":%s,\"dnsmasq\":%s,\"loader\":%s}",
		access("/sys/kernel/btf/vmlinux", R_OK) == 0 ? "true" : "false",
		access(NFT, X_OK) == 0 ? "true" : "false", access(DNSMASQ, X_OK) == 0 ? "true" : "false",
		access(LOADER, X_OK) == 0 ? "true" : "false");
}

static void put_resolvers(FILE *file)
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
			fprintf(file, "resolver %s\n", entry->d_name);
	if (folder)
		closedir(folder);
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
	put_resolvers(file);
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

struct reading {
	const struct request *request;
	const struct place *place;
	struct slice listing;
};

/* The kernel's inet6 addresses of the process's network; ::1 as /proc/PID/net/if_inet6 has it. */
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

/* One line of what is so, one for each interface that leads out, an empty one, and nft's list. */
static void put_reading(FILE *file, const void *about)
{
	const struct reading *reading = about;
	const struct request *request = reading->request;
	char path[64], line[512];
	FILE *devices;

	fprintf(file, "%llu %d %d %d\n", (unsigned long long)reading->place->inode,
		reading->place->changeable, count_resolvers(request->container) > 0,
		has_loopback6(request->pid));
	snprintf(path, sizeof(path), "/proc/%d/net/dev", request->pid);
	devices = fopen(path, "re");
	for (int number = 0; devices && fgets(line, sizeof(line), devices); number++) {
		/* proc(5): two lines of headings, then "name: figures"; a name may hold colons. */
		char *name = line + strspn(line, " "), *end = strrchr(line, ':');

		if (number < 2 || !end)
			continue;
		*end = 0;
		if (strcmp(name, "lo") != 0)
			fprintf(file, "%s\n", name);
	}
	if (devices)
		fclose(devices);
	fputc('\n', file);
	fwrite(reading->listing.at, 1, reading->listing.length, file);
}

static void answer_reading(int socket, const struct request *request, const struct place *place)
{
	struct reading reading = { .request = request, .place = place };

	if (run_nft(place, NULL, &reading.listing))
		answer_text(socket, put_reading, &reading);
	else
		answer(socket, false, reading.listing);
}

static void apply(int socket, const struct request *request, struct slice text)
{
	char cgroup[PATH_MAX] = "";
	const char *problem = make_resolver_cgroup(request->container);
	struct place place;
	struct slice output;

	if (!problem && !resolver_cgroup(request->container, cgroup))
		problem = "This machine has no cgroup v2 hierarchy at /sys/fs/cgroup.";
	problem = problem ? problem : check_ruleset(text, cgroup);
	problem = problem ? problem : open_place(request->container, request->pid, &place);
	if (problem)
		answer_failed(socket, problem);
	else if (!run_nft(&place, &text, &output))
		answer(socket, false, output);
	else
		answer_reading(socket, request, &place);
}

static void take_away(int socket, const struct request *request, const struct place *place)
{
	static const char removal[] = "add table inet sentra\ndelete table inet sentra\n"
				      "add table netdev sentra\ndelete table netdev sentra\n";
	struct slice text = { removal, sizeof(removal) - 1 }, output;

	if (!run_nft(place, &text, &output)) {
		answer(socket, false, output);
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
	static char *const words[] = { DNSMASQ, "--keep-in-foreground", "--conf-file=-", NULL };
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
	execve(DNSMASQ, words, environment);
	_exit(127);
}

/* Becomes the loader of the kernel sensor, which takes lines from whoever asked, and tells. */
static void sense(int socket)
{
	static char *const words[] = { LOADER, KERNEL_PROGRAM, NULL };
	int nothing = open("/dev/null", O_WRONLY);

	if (nothing < 0 || !answer(socket, true, (struct slice){ "", 0 }) || chdir("/") != 0)
		return;
	if (dup2(socket, 0) < 0 || dup2(socket, 1) < 0 || dup2(nothing, 2) < 0)
		return;
	alarm(0);
	execve(LOADER, words, environment);
	_exit(127);
}

static void in_place(int socket, const struct request *request, struct slice text)
{
	char words[512];
	struct place place;
	const char *problem = open_place(request->container, request->pid, &place);

	if (problem) {
		answer_failed(socket, problem);
		return;
	}
	if (request->verb == VERB_READ)
		answer_reading(socket, request, &place);
	else if (request->verb == VERB_REMOVE)
		take_away(socket, request, &place);
	else if (request->verb == VERB_RESOLVE)
		resolve(socket, request, text, &place);
	else if (probe(&place, request->uid, request->name, words, sizeof(words)))
		answer(socket, true, (struct slice){ words, strlen(words) });
	else
		answer_failed(socket, "The probe did not run.");
}

void carry_out(int socket, const struct request *request, struct slice text)
{
	const char *problem;

	switch (request->verb) {
	case VERB_HELLO:
		answer_text(socket, put_hello, NULL);
		return;
	case VERB_PLACES:
		answer_text(socket, put_places, NULL);
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
		sense(socket);
		return;
	case VERB_RESOLVE:
		problem = check_resolver_text(text);
		if (problem) {
			answer_failed(socket, problem);
			return;
		}
		in_place(socket, request, text);
		return;
	case VERB_READ:
	case VERB_REMOVE:
	case VERB_PROBE:
		in_place(socket, request, text);
		return;
	}
}

// SPDX-License-Identifier: MIT
/*
 * Loads the program, and passes on what it counts. Reads lines from standard input: "add ID", "remove
 * ID", "close ID" (told of four times a second) and "usual ID" (once a second) with the id of a cgroup;
 * ends when standard input does. Writes one JSON object a line: ready, added, window, start, call,
 * full, failed. The program is attached only while a
 * cgroup is watched. What the kernel saw is passed on unjudged; texts are cut, never trusted.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/bpf.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "looks.h"

struct container {
	uint64_t cgroup;
	int tally_fd;
	/* The counts as they were last told, and when. */
	struct tally *told;
	double told_ms;
	/* Whether it is looked at closely: told of at every tick. */
	bool closely;
};

/*
 * From tick to tick while a container is looked at closely: every fourth tells of all containers. Else
 * there is one a second, since events wake us by themselves.
 */
#define TICK_MS 250
#define TICKS 4

static struct container containers[CONTAINERS];
static int watched_count, next_slot, closely_count;
static double last_window_ms;
static int processors;
static char *tallies;
static size_t tally_size;
static struct control *control;
static struct bpf_object *object;
static struct bpf_link *links[8];
static int link_count;
/* Calls wait here until the starts are told that came before them. */
#define WAITING 512
static struct event waiting[WAITING];
static int waiting_count;
static struct ring_buffer *calls_ring, *starts_ring;
static int watched_fd, known_fd, tallies_fd;
static char said[512];

static int remember(enum libbpf_print_level level, const char *format, va_list arguments)
{
	if (level == LIBBPF_WARN && said[0] == 0)
		vsnprintf(said, sizeof(said), format, arguments);
	return 0;
}

static double now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static void put_text(const char *text, size_t length)
{
	putchar('"');
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = text[i];

		if (byte < 0x20 || byte == 0x7f) {
			printf("\\u%04x", byte);
			continue;
		}
		if (byte == '"' || byte == '\\')
			putchar_unlocked('\\');
		putchar_unlocked(byte);
	}
	putchar('"');
}

static void put_parts(const struct parts *parts)
{
	char text[NAMES * NAME_LENGTH + 8] = "";

	if (!parts->complete && parts->count > 0)
		strcat(text, "…");
	for (int i = (int)parts->count - 1; i >= 0 && i < NAMES; i--) {
		strcat(text, "/");
		strncat(text, parts->names[i], NAME_LENGTH - 1);
	}
	put_text(text, strlen(text));
}

static void flush(void)
{
	/* Nobody reads any more: the end. */
	if (fflush(stdout) != 0)
		exit(0);
}

static void fail(const char *what, int error)
{
	char reason[900];

	snprintf(reason, sizeof(reason), "%s: %s%s%s", what, strerror(error), said[0] ? ": " : "", said);
	printf("{\"kind\":\"failed\",\"reason\":");
	put_text(reason, strcspn(reason, "\n"));
	puts("}");
	flush();
	exit(1);
}

static void put_standard(const char *name, uint32_t standard)
{
	const char *words[] = { "other", "network", "local" };

	printf(",\"%s\":\"%s\"", name, words[standard < 3 ? standard : 0]);
}

static void put_start(const struct event *event)
{
	char address[INET6_ADDRSTRLEN] = "";
	const char *rest = event->text;
	size_t left = event->text_length;

	printf(",\"entered\":%s,\"gainsRoot\":%s", event->flag ? "true" : "false",
	       event->gains_root ? "true" : "false");
	put_standard("input", event->input);
	put_standard("output", event->output);
	put_standard("parentInput", event->parent_input);
	if (event->remote.family != 0)
		inet_ntop(event->remote.family, event->remote.address, address, sizeof(address));
	printf(",\"remote\":\"%s\",\"remotePort\":%u,\"arguments\":[", address,
	       ntohs(event->remote.port));
	for (bool first = true; left > 0; first = false) {
		size_t length = strnlen(rest, left);

		if (!first)
			putchar(',');
		put_text(rest, length);
		if (length == left)
			break;
		rest += length + 1;
		left -= length + 1;
	}
	printf("],\"cut\":%s}\n", event->text_length == ARGUMENTS_LENGTH ? "true" : "false");
}

static int on_event(void *context, void *data, size_t size)
{
	const struct event *event = data;

	(void)context;
	if (size < sizeof(*event) || event->slot >= CONTAINERS || event->text_length > ARGUMENTS_LENGTH)
		return 0;
	if (containers[event->slot].cgroup == 0)
		return 0;
	printf("{\"kind\":\"%s\",\"cgroup\":\"%llu\",\"pid\":%u,\"parent\":%u,\"uid\":%u,\"program\":",
	       event->is_start ? "start" : "call",
	       (unsigned long long)containers[event->slot].cgroup, event->pid, event->parent, event->uid);
	put_parts(&event->program);
	printf(",\"parentProgram\":");
	put_parts(&event->parent_program);
	printf(",\"parentUid\":%u,\"changed\":%lld,\"links\":%u,\"name\":", event->parent_uid,
	       (long long)event->program_changed_s, event->program_links);
	put_text(event->comm, strnlen(event->comm, sizeof(event->comm)));
	if (event->is_start) {
		put_start(event);
		return 0;
	}
	printf(",\"compat\":%s,\"number\":%u,\"result\":%lld,\"own\":%s,\"self\":%u,\"arguments\":[",
	       event->compat ? "true" : "false", event->number, (long long)event->result,
	       event->flag ? "true" : "false", event->own_id);
	/* As text: the numbers may be beyond what JSON readers keep exactly. */
	for (int i = 0; i < 3; i++)
		printf("%s\"%llu\"", i ? "," : "", (unsigned long long)event->arguments[i]);
	printf("],\"path\":");
	put_text(event->text, event->text_length);
	printf(",\"inProc\":%s,\"file\":", event->in_proc ? "true" : "false");
	put_parts(&event->file);
	puts("}");
	return 0;
}

static int on_call(void *context, void *data, size_t size)
{
	(void)context;
	/* What has no room stays in the ring. */
	if (waiting_count == WAITING)
		return -1;
	if (size >= sizeof(struct event))
		memcpy(&waiting[waiting_count++], data, sizeof(struct event));
	return 0;
}

/*
 * Passes on what the kernel has handed over. Who made a call is known by the starts before it, so that
 * these are told first: all that came before a call are there once the call is.
 */
static void drain(void)
{
	do {
		waiting_count = 0;
		ring_buffer__consume(calls_ring);
		ring_buffer__consume(starts_ring);
		for (int i = 0; i < waiting_count; i++)
			on_event(NULL, &waiting[i], sizeof(waiting[i]));
	} while (waiting_count == WAITING);
}

static void put_counts(struct container *container, int compat)
{
	bool first = true;

	printf(",\"%s\":[", compat ? "compat" : "native");
	for (int number = 0; number < NUMBERS; number++) {
		uint32_t calls = 0, refused = 0;

		for (int cpu = 0; cpu < processors; cpu++) {
			struct tally *now = (struct tally *)(tallies + cpu * tally_size);

			calls += now->calls[compat][number];
			refused += now->refused[compat][number];
		}
		uint32_t more = calls - container->told->calls[compat][number];
		uint32_t more_refused = refused - container->told->refused[compat][number];

		container->told->calls[compat][number] = calls;
		container->told->refused[compat][number] = refused;
		if (more == 0 && more_refused == 0)
			continue;
		printf("%s[%d,%u,%u]", first ? "" : ",", number, more, more_refused);
		first = false;
	}
	printf("]");
}

static void put_container(struct container *container, double now)
{
	uint32_t lost[EVENT_KINDS] = { 0 }, calls;

	printf("{\"cgroup\":\"%llu\",\"ms\":%.1f", (unsigned long long)container->cgroup,
	       now - container->told_ms);
	container->told_ms = now;
	put_counts(container, NATIVE);
	put_counts(container, COMPAT);
	for (int cpu = 0; cpu < processors; cpu++)
		for (int kind = 0; kind < EVENT_KINDS; kind++)
			lost[kind] += ((struct tally *)(tallies + cpu * tally_size))->lost[kind];
	for (int kind = 0; kind < EVENT_KINDS; kind++) {
		uint32_t more = lost[kind] - container->told->lost[kind];

		container->told->lost[kind] = lost[kind];
		lost[kind] = more;
	}
	calls = lost[EVENT_PATH] + lost[EVENT_GRAVE];
	printf(",\"lost\":%u,\"lostCalls\":%u}", lost[EVENT_START] + calls, calls);
}

/* Tells of those that are looked at closely, and with `all` of the others that made a call. */
static void put_window(double now, bool all)
{
	static uint64_t beats_told;
	uint64_t beats = control->beats;
	bool first = true;

	printf("{\"kind\":\"window\",\"all\":%s,\"ms\":%.1f,\"beats\":%llu,\"containers\":[",
	       all ? "true" : "false", now - last_window_ms, (unsigned long long)(beats - beats_told));
	beats_told = beats;
	if (all)
		last_window_ms = now;
	for (int slot = 0; slot < CONTAINERS; slot++) {
		struct container *container = &containers[slot];
		uint32_t zero = 0;

		if (container->cgroup == 0 || (!all && !container->closely))
			continue;
		if (!control->dirty[slot] && !container->closely) {
			container->told_ms = now;
			continue;
		}
		control->dirty[slot] = 0;
		__sync_synchronize();
		if (bpf_map_lookup_elem(container->tally_fd, &zero, tallies) != 0)
			continue;
		if (!first)
			putchar(',');
		first = false;
		put_container(container, now);
	}
	puts("]}");
}

/*
 * While nobody calls anything there is nothing to tell: every second window is left out, and the next
 * one covers its time too. Whoever calls something after it is told of from its end on.
 */
static bool leave_out(double now)
{
	static bool left_out;

	left_out = !left_out && closely_count == 0;
	for (int slot = 0; left_out && slot < CONTAINERS; slot++)
		left_out = containers[slot].cgroup == 0 || !control->dirty[slot];
	for (int slot = 0; left_out && slot < CONTAINERS; slot++)
		containers[slot].told_ms = now;
	return left_out;
}

static int tick_ms(void)
{
	return closely_count > 0 ? TICK_MS : TICK_MS * TICKS;
}

/* First the events: what was counted as lost is not told before what was not. */
static void tick(double now)
{
	static int count;
	bool all = closely_count == 0 || ++count % TICKS == 0;

	drain();
	if (!all || !leave_out(now))
		put_window(now, all);
	flush();
}

static void attach(void)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, object) {
		struct bpf_link *link = bpf_program__attach(program);

		if (!link)
			fail("The kernel does not let the sensor attach", errno);
		links[link_count++] = link;
	}
}

static void detach(void)
{
	while (link_count > 0)
		bpf_link__destroy(links[--link_count]);
}

/* What was found out before is no longer valid, and its entries make room. */
static void forget_known(void)
{
	static uint64_t keys[4096];
	struct slot_of_cgroup found;
	int count = 0;

	control->generation++;
	/* Listed first: our own calls make entries while we look. */
	while (count < 4096 &&
	       bpf_map_get_next_key(known_fd, count ? &keys[count - 1] : NULL, &keys[count]) == 0)
		count++;
	for (int i = 0; i < count; i++)
		if (bpf_map_lookup_elem(known_fd, &keys[i], &found) == 0 &&
		    found.generation != control->generation)
			bpf_map_delete_elem(known_fd, &keys[i]);
}

static struct container *container_of_cgroup(uint64_t cgroup)
{
	for (int slot = 0; slot < CONTAINERS; slot++)
		if (containers[slot].cgroup == cgroup)
			return &containers[slot];
	return NULL;
}

static bool take_in(uint64_t cgroup)
{
	uint32_t slot;
	int tried = 0;

	/* A slot is used again as late as can be, so that nothing of its last holder is still under way. */
	while (containers[next_slot].cgroup != 0) {
		if (++tried == CONTAINERS)
			return false;
		next_slot = (next_slot + 1) % CONTAINERS;
	}
	slot = next_slot;
	next_slot = (next_slot + 1) % CONTAINERS;
	struct container *container = &containers[slot];

	container->tally_fd =
		bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, NULL, 4, sizeof(struct tally), 1, NULL);
	container->told = calloc(1, sizeof(struct tally));
	if (container->tally_fd < 0 || !container->told ||
	    bpf_map_update_elem(tallies_fd, &slot, &container->tally_fd, BPF_ANY) != 0 ||
	    bpf_map_update_elem(watched_fd, &cgroup, &slot, BPF_ANY) != 0) {
		if (container->tally_fd >= 0)
			close(container->tally_fd);
		free(container->told);
		container->told = NULL;
		return false;
	}
	container->cgroup = cgroup;
	container->told_ms = now_ms();
	return true;
}

static void add(uint64_t cgroup)
{
	if (container_of_cgroup(cgroup))
		return;
	if (!take_in(cgroup)) {
		printf("{\"kind\":\"full\",\"cgroup\":\"%llu\"}\n", (unsigned long long)cgroup);
		flush();
		return;
	}
	if (watched_count++ == 0)
		attach();
	forget_known();
	printf("{\"kind\":\"added\",\"cgroup\":\"%llu\"}\n", (unsigned long long)cgroup);
	flush();
}

static void drop(uint64_t cgroup)
{
	struct container *container = container_of_cgroup(cgroup);
	uint32_t slot;

	if (!container)
		return;
	slot = container - containers;
	drain();
	bpf_map_delete_elem(watched_fd, &cgroup);
	forget_known();
	bpf_map_delete_elem(tallies_fd, &slot);
	close(container->tally_fd);
	free(container->told);
	closely_count -= container->closely;
	memset(container, 0, sizeof(*container));
	if (--watched_count == 0)
		detach();
}

static void set_pace(uint64_t cgroup, bool closely)
{
	struct container *container = container_of_cgroup(cgroup);

	if (!container || container->closely == closely)
		return;
	container->closely = closely;
	closely_count += closely ? 1 : -1;
	/* What was not told yet of a container that goes back would look like a silent interval. */
	control->dirty[container - containers] = 1;
}

/* Obeys the whole lines that have come; false when no more will. */
static bool obey(void)
{
	static char buffer[65536];
	static size_t filled;
	ssize_t got = read(0, buffer + filled, sizeof(buffer) - filled);
	char *line = buffer, *end;

	if (got < 0)
		return errno == EINTR || errno == EAGAIN;
	if (got == 0)
		return false;
	filled += got;
	while ((end = memchr(line, '\n', filled - (line - buffer)))) {
		unsigned long long cgroup;

		*end = 0;
		if (sscanf(line, "add %llu", &cgroup) == 1 && cgroup != 0)
			add(cgroup);
		else if (sscanf(line, "remove %llu", &cgroup) == 1 && cgroup != 0)
			drop(cgroup);
		else if (sscanf(line, "close %llu", &cgroup) == 1 && cgroup != 0)
			set_pace(cgroup, true);
		else if (sscanf(line, "usual %llu", &cgroup) == 1 && cgroup != 0)
			set_pace(cgroup, false);
		line = end + 1;
	}
	filled -= line - buffer;
	memmove(buffer, line, filled);
	return filled < sizeof(buffer);
}

static bool pids_are_in_v2(void)
{
	char name[64];
	int hierarchy;
	bool v2 = true;
	char line[256];
	FILE *file = fopen("/proc/cgroups", "re");

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%63s %d", name, &hierarchy) == 2 && strcmp(name, "pids") == 0)
			v2 = hierarchy == 0;
	if (file)
		fclose(file);
	return v2;
}

/* Hands the settings over. A program that was compiled for another loader would count nothing. */
static void set_up(struct bpf_map *map)
{
	struct settings settings = { .form = FORM, .unified = pids_are_in_v2() };
	const struct settings *compiled = NULL;
	size_t size = 0;

	if (map)
		compiled = bpf_map__initial_value(map, &size);
	if (!compiled || size != sizeof(settings) ||
	    memcmp(compiled->form, settings.form, sizeof(settings.form)) != 0)
		fail("The sensor's settings do not fit its program", EINVAL);
#if defined(__x86_64__)
	memcpy(settings.native_of_x32, native_of_x32, sizeof(native_of_x32));
#endif
	for (size_t i = 0; i < sizeof(native_looks) / sizeof(*native_looks); i++)
		settings.looks[NATIVE][native_looks[i].number] = native_looks[i].look;
	for (size_t i = 0; i < sizeof(compat_looks) / sizeof(*compat_looks); i++)
		settings.looks[COMPAT][compat_looks[i].number] = compat_looks[i].look;
	if (bpf_map__set_initial_value(map, &settings, sizeof(settings)) != 0)
		fail("The sensor's settings cannot be handed over", errno);
}

static void load(const char *path)
{
	struct bpf_map *map;

	libbpf_set_print(remember);
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	if (access("/sys/kernel/btf/vmlinux", R_OK) != 0)
		fail("This kernel does not describe its types (/sys/kernel/btf/vmlinux)", errno);
	object = bpf_object__open_file(path, NULL);
	if (!object)
		fail("The sensor's program cannot be read", errno);
	set_up(bpf_object__find_map_by_name(object, SETTINGS_SECTION));
	if (bpf_object__load(object) != 0)
		fail(errno == EPERM || errno == EACCES
			     ? "Sentra may not load the sensor into the kernel: it needs the capabilities BPF and PERFMON, or SYS_ADMIN"
			     : "The kernel refuses the sensor's program",
		     errno);
	map = bpf_object__find_map_by_name(object, CONTROL_SECTION);
	control = map ? mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0)
		      : MAP_FAILED;
	if (control == MAP_FAILED)
		fail("The sensor's memory cannot be shared", errno);
	control->loader = getpid();
	watched_fd = bpf_object__find_map_fd_by_name(object, "watched");
	known_fd = bpf_object__find_map_fd_by_name(object, "known");
	tallies_fd = bpf_object__find_map_fd_by_name(object, "tallies");
	calls_ring = ring_buffer__new(bpf_object__find_map_fd_by_name(object, "events"), on_call, NULL, NULL);
	starts_ring = ring_buffer__new(bpf_object__find_map_fd_by_name(object, "starts"), on_event, NULL, NULL);
	if (!calls_ring || !starts_ring)
		fail("The sensor's events cannot be read", errno);
	processors = libbpf_num_possible_cpus();
	tally_size = (sizeof(struct tally) + 7) / 8 * 8;
	tallies = calloc(processors, tally_size);
	if (processors < 1 || !tallies)
		fail("No memory for the counts", ENOMEM);
}

int main(int count, char **words)
{
	double due;

	if (count != 2) {
		fprintf(stderr, "usage: %s PROGRAM.bpf.o\n", words[0]);
		return 2;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	load(words[1]);
	puts("{\"kind\":\"ready\"}");
	flush();
	last_window_ms = now_ms();
	due = last_window_ms + tick_ms();
	for (;;) {
		struct pollfd files[3] = {
			{ .fd = 0, .events = POLLIN },
			{ .fd = ring_buffer__epoll_fd(calls_ring), .events = POLLIN },
			{ .fd = ring_buffer__epoll_fd(starts_ring), .events = POLLIN },
		};
		double now = now_ms();

		if (now >= due) {
			tick(now);
			due = due + tick_ms() > now ? due + tick_ms() : now + tick_ms();
			continue;
		}
		poll(files, 3, (int)(due - now) + 1);
		if (files[0].revents && !obey())
			return 0;
		if (due > now_ms() + tick_ms())
			due = now_ms() + tick_ms();
		if (files[1].revents || files[2].revents) {
			drain();
			flush();
		}
	}
}

/*
 * Holds connections in network namespaces whose walls ask first: answers undecided names with
 * placeholders, keeps the first packets that the wall dropped, and sends them again when it is told
 * to, so that the very same connection comes up or is refused. It decides nothing, and what it sends
 * passes the wall as anything else does.
 *
 * Lines of the input:
 *   + PID INODE                            hold in the namespace of that process
 *   - INODE                                no more; what is kept is sent again, and the wall decides
 *   m INODE ADDRESS NAME                   the name is allowed now: ask the resolver where it is, lead
 *                                          its placeholder there for an hour, send again
 *   t INODE PROTOCOL ADDRESS PORT SECONDS  have the wall refuse this for so long, and send again
 *   s INODE PROTOCOL ADDRESS PORT          send again
 * Lines of the output:
 *   + INODE                                it is held there
 *   ! INODE WHY                            it cannot be held there
 *   h INODE PROTOCOL ADDRESS PORT NAME     a packet is held or, where it is a datagram or the address one
 *                                          of IPv6, was refused; NAME is - where it is no placeholder
 *   m INODE FROM ADDRESS                   the name of FROM is there; ADDRESS is - when it is nowhere
 *   ~ INODE COUNT                          so many were held without being told, there were too many
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/epoll.h>
#include "hold-space.h"

#define MOST_SPACES 1000
#define MOST_A_SECOND 100

enum source { LOG, NAMES, RESOLVER };

static struct space *spaces[MOST_SPACES];
static int count, polled;

static const char *words_of(uint32_t address)
{
	static char text[2][INET_ADDRSTRLEN];
	static int which;
	struct in_addr in = { htonl(address) };

	which = !which;
	return inet_ntop(AF_INET, &in, text[which], sizeof(text[which]));
}

static int index_of(unsigned long inode)
{
	for (int i = 0; i < count; i++)
		if (spaces[i]->inode == inode)
			return i;
	return -1;
}

static void leave(int index)
{
	struct aim any = { 0 };

	if (index < 0)
		return;
	send_again(&spaces[index]->kept, spaces[index]->raw, any);
	close_space(spaces[index]);
	spaces[index] = spaces[--count];
}

static int watch(struct space *space, int descriptor, enum source source)
{
	/* Spaces come from calloc: the lowest bits of their addresses are free. */
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = (uintptr_t)space | source };

	return epoll_ctl(polled, EPOLL_CTL_ADD, descriptor, &event);
}

static void enter(unsigned int pid, unsigned long inode, int own)
{
	struct space *space = NULL;

	leave(index_of(inode));
	errno = ENOSPC;
	if (count < MOST_SPACES)
		space = open_space(pid, inode, own);
	if (space == NULL) {
		printf("! %lu %s\n", inode, strerror(errno));
		return;
	}
	watch(space, space->log, LOG);
	watch(space, space->names, NAMES);
	watch(space, space->resolver, RESOLVER);
	spaces[count++] = space;
	printf("+ %lu\n", inode);
}

/* Asks where the name is that was meant by the address. */
static void look_up(struct space *space, uint32_t address, const char *name)
{
	uint8_t question[MOST_ANSWER];
	uint16_t number = space->next_lookup++;
	int length = make_question(question, number, name);

	if (length == 0)
		return;
	space->lookups[number % MOST_LOOKUPS] = address;
	send(space->resolver, question, (size_t)length, MSG_DONTWAIT);
}

static struct value value_of_address(uint32_t address)
{
	struct value value = { .length = 4 };
	uint32_t ordered = htonl(address);

	memcpy(value.bytes, &ordered, sizeof(ordered));
	return value;
}

static void hear_resolver(struct space *space)
{
	uint8_t answer[4096];
	ssize_t length;

	while ((length = recv(space->resolver, answer, sizeof(answer), MSG_DONTWAIT)) > DNS_HEADER) {
		uint32_t *slot = &space->lookups[two(answer) % MOST_LOOKUPS];
		struct aim aim = { .address = *slot };
		uint32_t address = read_address(answer, (int)length);
		struct value key = value_of_address(aim.address), data = value_of_address(address);

		*slot = 0;
		if (aim.address == 0)
			continue;
		/* Answered with a placeholder: its name is not allowed yet, and will be asked again. */
		if (is_placeholder(address))
			continue;
		if (address == 0 ||
		    (is_placeholder(aim.address) &&
		     put_element(space->sets, "held4", &key, &data, 3600) < 0)) {
			printf("m %lu %s -\n", space->inode, words_of(aim.address));
			continue;
		}
		printf("m %lu %s %s\n", space->inode, words_of(aim.address), words_of(address));
		send_again(&space->kept, space->raw, aim);
	}
}

static void turn_away(struct space *space, struct aim aim, unsigned int seconds)
{
	struct value key = value_of_address(aim.address), nothing = { .length = 0 };

	/* Each part of it begins in a register of its own. */
	key.length = 12;
	key.bytes[4] = aim.protocol;
	key.bytes[8] = (uint8_t)(aim.port >> 8);
	key.bytes[9] = (uint8_t)aim.port;
	put_element(space->sets, "turned4", &key, &nothing, seconds);
	send_again(&space->kept, space->raw, aim);
}

/* Whether one more line about the space fits into this second. */
static int may_tell(struct space *space)
{
	time_t now = time(NULL);

	if (now != space->second) {
		if (space->omitted > 0)
			printf("~ %lu %u\n", space->inode, space->omitted);
		space->second = now;
		space->told = space->omitted = 0;
	}
	if (space->told < MOST_A_SECOND)
		return ++space->told;
	space->omitted++;
	return 0;
}

/* Tells of what the wall refused and did not drop. */
static void tell_refused(struct space *space, const uint8_t *packet, int length)
{
	struct refused one;
	char text[INET6_ADDRSTRLEN];
	const char *name = NULL;

	if (!read_refused(packet, length, &one) || !note_refused(&space->refusals, &one) || !may_tell(space))
		return;
	if (one.family == AF_INET)
		name = name_of(&space->placeholders, (uint32_t)two(one.address) << 16 | two(one.address + 2));
	printf("h %lu %s %s %u %s\n", space->inode, one.protocol == IPPROTO_TCP ? "tcp" : "udp",
	       inet_ntop(one.family, one.address, text, sizeof(text)), one.port, name == NULL ? "-" : name);
}

static void take_packet(struct space *space, const struct nlmsghdr *message)
{
	size_t head = NLMSG_ALIGN(sizeof(struct nfgenmsg));
	struct attributes found;
	struct aim aim;
	uint16_t from;

	read_attributes(&found, (const char *)NLMSG_DATA(message) + head, NLMSG_PAYLOAD(message, head));
	const struct nlattr *payload = found.at[NFULA_PAYLOAD];

	if (payload == NULL)
		return;
	const uint8_t *packet = value_of(payload);
	int length = (int)size_of(payload);

	if (!read_packet(packet, length, &aim, &from)) {
		tell_refused(space, packet, length);
		return;
	}
	if (!keep(&space->kept, packet, length, aim, from) || !may_tell(space))
		return;
	const char *name = name_of(&space->placeholders, aim.address);

	printf("h %lu tcp %s %u %s\n", space->inode, words_of(aim.address), aim.port, name == NULL ? "-" : name);
}

static void hear_log(struct space *space)
{
	static char buffer[64 * 1024] __attribute__((aligned(8)));

	/* So many at a time, that nobody who writes to it without end keeps the others waiting. */
	for (int i = 0; i < 64; i++) {
		ssize_t got = hear_kernel(space->log, buffer, sizeof(buffer), MSG_DONTWAIT);
		size_t left = got < 0 ? 0 : (size_t)got;

		if (got < 0)
			return;

		for (struct nlmsghdr *one = (void *)buffer; NLMSG_OK(one, left); one = NLMSG_NEXT(one, left))
			if (one->nlmsg_type == (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET))
				take_packet(space, one);
	}
}

static void hear_names(struct space *space)
{
	uint8_t question[4096], answer[MOST_ANSWER];
	char name[MOST_NAME + 1];

	for (int i = 0; i < 64; i++) {
		struct sockaddr_in from;
		socklen_t size = sizeof(from);
		int type, end;
		ssize_t length = recvfrom(space->names, question, sizeof(question), MSG_DONTWAIT,
					  (struct sockaddr *)&from, &size);

		if (length < 0)
			return;
		end = read_question(question, (int)length, name, &type);
		if (end == 0)
			continue;
		length = make_answer(answer, question, end, placeholder_of(&space->placeholders, name), type);
		sendto(space->names, answer, (size_t)length, MSG_DONTWAIT, (struct sockaddr *)&from, size);
	}
}

static void take_line(const char *line, int own)
{
	unsigned int pid, port = 0, seconds = 0;
	unsigned long inode;
	char verb, protocol[4], address[INET_ADDRSTRLEN], name[MOST_NAME + 1];
	struct in_addr in;
	struct aim aim = { 0 };

	if (sscanf(line, "+ %u %lu", &pid, &inode) == 2) {
		enter(pid, inode, own);
		return;
	}
	if (sscanf(line, "- %lu", &inode) == 1) {
		leave(index_of(inode));
		return;
	}
	if (sscanf(line, "m %lu %15s %253s", &inode, address, name) == 3) {
		int index = index_of(inode);

		if (index >= 0 && inet_pton(AF_INET, address, &in) == 1)
			look_up(spaces[index], ntohl(in.s_addr), name);
		return;
	}
	if (sscanf(line, "%c %lu %3s %15s %u %u", &verb, &inode, protocol, address, &port, &seconds) < 5)
		return;
	int index = index_of(inode);

	if (index < 0 || inet_pton(AF_INET, address, &in) != 1 || port == 0 || port > 65535)
		return;
	aim.address = ntohl(in.s_addr);
	aim.port = (uint16_t)port;
	aim.protocol = strcmp(protocol, "tcp") == 0 ? IPPROTO_TCP : IPPROTO_UDP;
	if (verb == 't' && seconds > 0 && seconds <= 86400)
		turn_away(spaces[index], aim, seconds);
	else if (verb == 's')
		send_again(&spaces[index]->kept, spaces[index]->raw, aim);
}

/* Takes what has arrived of the input; 0 at its end. */
static int take_input(int own)
{
	static char input[64 * 1024];
	static size_t held;
	ssize_t got = read(0, input + held, sizeof(input) - 1 - held);
	char *line = input, *end;

	if (got <= 0)
		return 0;
	held += (size_t)got;
	input[held] = 0;
	while ((end = strchr(line, '\n')) != NULL) {
		*end = 0;
		take_line(line, own);
		line = end + 1;
	}
	held -= (size_t)(line - input);
	memmove(input, line, held);
	return held < sizeof(input) - 1;
}

int main(void)
{
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = 0 };

	polled = epoll_create1(EPOLL_CLOEXEC);
	if (own < 0 || polled < 0 || epoll_ctl(polled, EPOLL_CTL_ADD, 0, &event) < 0)
		return 1;
	for (;;) {
		/* One at a time: a line of the input may close what another event is about. */
		if (epoll_wait(polled, &event, 1, -1) < 1) {
			if (errno != EINTR)
				return 1;
			/* It was stopped and goes on: the event is that of before, and its input may have nothing. */
			continue;
		}
		struct space *space = (void *)(uintptr_t)(event.data.u64 & ~(uint64_t)3);

		if (space == NULL && !take_input(own))
			return 0;
		if (space != NULL && (event.data.u64 & 3) == LOG)
			hear_log(space);
		if (space != NULL && (event.data.u64 & 3) == NAMES)
			hear_names(space);
		if (space != NULL && (event.data.u64 & 3) == RESOLVER)
			hear_resolver(space);
		if (fflush(stdout) != 0)
			return 0;
	}
}

/*
 * Reads what programs in containers ask for over plain HTTP, and answers each that it was refused. What
 * is read here is the container's to choose: nothing of it is kept, and only the host of a request, of
 * harmless characters, is said again. A container that comes too often or too slowly harms itself alone.
 */
#ifndef SENTRA_EXPLAIN_VISITORS_H
#define SENTRA_EXPLAIN_VISITORS_H

#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "refusal-text.h"

#define MOST_NETWORKS 1000
/* In all, and of one network. */
#define MOST_VISITORS 512
#define MOST_OF_ONE 32
/* Of one network a second; who is more waits in the queue of its socket. */
#define MOST_A_SECOND 100
/* For so long a visitor is listened to, and for so long, once answered, it may go on talking. */
#define LISTEN_SECONDS 5
#define LEAVE_SECONDS 2
/* Of what it still says then nothing more is taken than this: whoever sends for ever waits. */
#define MOST_REST (256 * 1024)
/*
 * So often a visitor is read before it is answered, and as often after. A request comes in a few pieces;
 * who sends byte by byte has each looked at from the request's beginning.
 */
#define MOST_READINGS 64

struct network {
	unsigned long inode;
	/* -1 for none; the first is -1 where there is no network. */
	int sockets[2];
	time_t second;
	int this_second, visitors, is_paused;
};

struct visitor {
	/* -1 for none. */
	int socket, network, is_answered, readings;
	time_t until;
	size_t length, rest;
	char text[MOST_REQUEST + 1];
};

enum source { CHANNEL, NETWORK, VISITOR };

static struct network networks[MOST_NETWORKS];
static struct visitor visitors[MOST_VISITORS];
static int explain_epoll, waiting;

static time_t now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static void set_watch(int verb, int socket, uint32_t events, enum source source, int index, int which)
{
	struct epoll_event event = { .events = events,
				     .data.u64 = (uint64_t)source << 32 | (uint64_t)index << 1 | (uint64_t)which };

	epoll_ctl(explain_epoll, verb, socket, &event);
}

static void pause_network(int index, int is_paused)
{
	networks[index].is_paused = is_paused;
	for (int i = 0; i < 2; i++)
		if (networks[index].sockets[i] >= 0)
			set_watch(EPOLL_CTL_MOD, networks[index].sockets[i], is_paused ? 0 : EPOLLIN, NETWORK, index, i);
}

/* Sends the visitor away; with a reset, unless it has been answered. */
static void end_visit(struct visitor *visitor)
{
	struct linger reset = { 1, 0 };

	if (!visitor->is_answered)
		setsockopt(visitor->socket, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(visitor->socket);
	visitor->socket = -1;
	networks[visitor->network].visitors--;
	waiting--;
}

static void leave_network(unsigned long inode)
{
	for (int index = 0; index < MOST_NETWORKS; index++) {
		struct network *network = &networks[index];

		if (network->sockets[0] < 0 || network->inode != inode)
			continue;
		for (int i = 0; i < MOST_VISITORS; i++)
			if (visitors[i].socket >= 0 && visitors[i].network == index)
				end_visit(&visitors[i]);
		for (int i = 0; i < 2; i++) {
			if (network->sockets[i] >= 0)
				close(network->sockets[i]);
			network->sockets[i] = -1;
		}
	}
}

static void enter_network(unsigned long inode, const int *sockets, int count)
{
	int index = 0;

	leave_network(inode);
	while (index < MOST_NETWORKS && networks[index].sockets[0] >= 0)
		index++;
	for (int i = 0; index == MOST_NETWORKS && i < count; i++)
		close(sockets[i]);
	if (index == MOST_NETWORKS)
		return;
	networks[index] = (struct network){ .inode = inode, .sockets = { sockets[0], count > 1 ? sockets[1] : -1 } };
	for (int i = 0; i < count; i++)
		set_watch(EPOLL_CTL_ADD, sockets[i], EPOLLIN, NETWORK, index, i);
}

/* Takes what the other process tells; 0 when it has ended. */
static int hear_channel(int channel)
{
	unsigned long inode = 0;
	char space[CMSG_SPACE(2 * sizeof(int))];
	struct iovec part = { &inode, sizeof(inode) };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof(space)
	};
	int sockets[2];

	if (recvmsg(channel, &message, MSG_CMSG_CLOEXEC) != (ssize_t)sizeof(inode))
		return 0;
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	if (head == NULL) {
		leave_network(inode);
		return 1;
	}
	int count = head->cmsg_len >= CMSG_LEN(2 * sizeof(int)) ? 2 : 1;

	memcpy(sockets, CMSG_DATA(head), (size_t)count * sizeof(int));
	enter_network(inode, sockets, count);
	return 1;
}

static void open_door(int index, int which)
{
	struct network *network = &networks[index];
	time_t now = now_seconds();
	int free_place = 0;

	if (network->sockets[0] < 0)
		return;
	if (network->second != now) {
		network->second = now;
		network->this_second = 0;
	}
	if (++network->this_second > MOST_A_SECOND) {
		pause_network(index, 1);
		return;
	}
	int socket = accept4(network->sockets[which], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (socket < 0)
		return;
	while (free_place < MOST_VISITORS && visitors[free_place].socket >= 0)
		free_place++;
	int is_full = free_place == MOST_VISITORS || network->visitors >= MOST_OF_ONE;
	struct visitor unplaced, *visitor = is_full ? &unplaced : &visitors[free_place];

	visitor->socket = socket;
	visitor->network = index;
	visitor->is_answered = visitor->readings = 0;
	visitor->length = visitor->rest = 0;
	visitor->until = now + LISTEN_SECONDS;
	network->visitors++;
	waiting++;
	if (is_full)
		end_visit(visitor);
	else
		set_watch(EPOLL_CTL_ADD, socket, EPOLLIN, VISITOR, free_place, 0);
}

static void hear_visitor(int index)
{
	struct visitor *visitor = &visitors[index];
	static char rest[16 * 1024], reply[MOST_REPLY];

	if (visitor->socket < 0)
		return;
	if (visitor->is_answered) {
		/* It may still send what belongs to its request; a reset now would take the answer back. */
		ssize_t more = recv(visitor->socket, rest, sizeof(rest), 0);

		if (more <= 0)
			end_visit(visitor);
		else if ((visitor->rest += (size_t)more) > MOST_REST || ++visitor->readings > MOST_READINGS)
			set_watch(EPOLL_CTL_MOD, visitor->socket, 0, VISITOR, index, 0);
		return;
	}
	ssize_t got = recv(visitor->socket, visitor->text + visitor->length, MOST_REQUEST - visitor->length, 0);

	if (got <= 0 || ++visitor->readings > MOST_READINGS) {
		end_visit(visitor);
		return;
	}
	visitor->length += (size_t)got;
	visitor->text[visitor->length] = 0;
	enum request_state state = state_of_request(visitor->text, visitor->length);

	if (state == REQUEST_UNFINISHED && visitor->length < MOST_REQUEST)
		return;
	if (state == REQUEST_FOREIGN) {
		end_visit(visitor);
		return;
	}
	size_t length = write_refusal(reply, visitor->text);

	visitor->is_answered = send(visitor->socket, reply, length, MSG_NOSIGNAL) == (ssize_t)length;
	if (!visitor->is_answered) {
		end_visit(visitor);
		return;
	}
	shutdown(visitor->socket, SHUT_WR);
	visitor->readings = 0;
	visitor->until = now_seconds() + LEAVE_SECONDS;
}

/* Sends away who has been here too long, and opens what was paused. */
static void look_at_clock(time_t now)
{
	for (int i = 0; i < MOST_VISITORS; i++)
		if (visitors[i].socket >= 0 && visitors[i].until <= now)
			end_visit(&visitors[i]);
	for (int i = 0; i < MOST_NETWORKS; i++)
		if (networks[i].sockets[0] >= 0 && networks[i].is_paused)
			pause_network(i, 0);
}

static int is_anything_timed(void)
{
	if (waiting > 0)
		return 1;
	for (int i = 0; i < MOST_NETWORKS; i++)
		if (networks[i].sockets[0] >= 0 && networks[i].is_paused)
			return 1;
	return 0;
}

/* Answers whoever comes; the channel brings listening sockets. Ends when the channel does. */
static void receive_visitors(int channel)
{
	time_t looked = now_seconds();

	for (int i = 0; i < MOST_NETWORKS; i++)
		networks[i].sockets[0] = networks[i].sockets[1] = -1;
	for (int i = 0; i < MOST_VISITORS; i++)
		visitors[i].socket = -1;
	explain_epoll = epoll_create1(EPOLL_CLOEXEC);
	if (explain_epoll < 0)
		return;
	set_watch(EPOLL_CTL_ADD, channel, EPOLLIN, CHANNEL, 0, 0);
	for (;;) {
		struct epoll_event event;
		/* One at a time: handling one may close what another is about. */
		int count = epoll_wait(explain_epoll, &event, 1, is_anything_timed() ? 1000 : -1);
		time_t now = now_seconds();

		if (now != looked)
			look_at_clock(now);
		looked = now;
		if (count < 1)
			continue;
		int index = (int)(event.data.u64 & 0xffffffff) >> 1;

		switch ((enum source)(event.data.u64 >> 32)) {
		case CHANNEL:
			if (!hear_channel(channel))
				return;
			break;
		case NETWORK:
			open_door(index, (int)(event.data.u64 & 1));
			break;
		case VISITOR:
			hear_visitor(index);
		}
	}
}

#endif

/*
 * Hears the DNS questions that leave network namespaces and the answers that arrive there, and changes
 * nothing about them.
 *
 * Lines of the input:
 *   + PID INODE   listen in the namespace of that process, if it is still the one with that inode
 *   - INODE       no more
 * Lines of the output:
 *   INODE HEX     a message over UDP, as it is; whoever reads it takes it apart
 *   ! INODE WHY   it cannot be listened to there
 *   ~ INODE COUNT so many were left out since the last line, because there were too many
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <arpa/inet.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MOST_SPACES 1000
#define MOST_BYTES 1500
/* A question and its answer are two, with a forwarder in between four. */
#define MOST_A_SECOND 200

struct space {
	unsigned long inode;
	int socket;
	time_t second;
	unsigned int told, omitted;
};

static struct space spaces[MOST_SPACES];
static struct pollfd polled[MOST_SPACES + 1];
static int count;

/* UDP from or to port 53, whole: IPv4 without fragments, IPv6 without extension headers. */
static struct sock_filter messages[] = {
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
	BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x60, 7, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x40, 0, 13),
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 11),
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x3fff, 9, 0),
	BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
	BPF_JUMP(BPF_JMP | BPF_JA, 3, 0, 0),
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 6),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 5),
	BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, 40),
	BPF_STMT(BPF_LD | BPF_H | BPF_IND, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 53, 3, 0),
	BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 53, 1, 0),
	BPF_STMT(BPF_RET | BPF_K, 0),
	BPF_STMT(BPF_RET | BPF_K, 0xffff),
};

static int listening_socket(void)
{
	struct sock_fprog program = { sizeof(messages) / sizeof(messages[0]), messages };
	struct sockaddr_ll all = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	/* Without a protocol it hears nothing before the filter is there. */
	int made = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (made < 0)
		return -errno;
	if (setsockopt(made, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0 ||
	    bind(made, (struct sockaddr *)&all, sizeof(all)) < 0) {
		int error = errno;

		close(made);
		return -error;
	}
	return made;
}

static int socket_in(unsigned int pid, unsigned long inode, int own)
{
	char path[64];
	struct stat status;
	int made, there;

	snprintf(path, sizeof(path), "/proc/%u/ns/net", pid);
	there = open(path, O_RDONLY | O_CLOEXEC);
	if (there < 0)
		return -errno;
	if (fstat(there, &status) < 0 || status.st_ino != inode) {
		close(there);
		return -ESTALE;
	}
	if (setns(there, CLONE_NEWNET) < 0) {
		made = -errno;
		close(there);
		return made;
	}
	close(there);
	made = listening_socket();
	if (setns(own, CLONE_NEWNET) < 0)
		exit(1);
	return made;
}

static void leave(unsigned long inode)
{
	for (int i = 0; i < count; i++) {
		if (spaces[i].inode != inode)
			continue;
		close(spaces[i].socket);
		count--;
		spaces[i] = spaces[count];
		polled[i + 1] = polled[count + 1];
		return;
	}
}

static void take_line(const char *line, int own)
{
	unsigned int pid;
	unsigned long inode;

	if (sscanf(line, "- %lu", &inode) == 1) {
		leave(inode);
		return;
	}
	if (sscanf(line, "+ %u %lu", &pid, &inode) != 2)
		return;
	leave(inode);
	int made = count == MOST_SPACES ? -ENOSPC : socket_in(pid, inode, own);

	if (made < 0) {
		printf("! %lu %s\n", inode, strerror(-made));
		return;
	}
	spaces[count] = (struct space){ .inode = inode, .socket = made };
	polled[count + 1] = (struct pollfd){ .fd = made, .events = POLLIN };
	count++;
}

/* Where the message begins behind the headers; negative for a packet that is cut short. */
static int payload_at(const unsigned char *packet, int length)
{
	int header = (packet[0] >> 4) == 6 ? 40 : (packet[0] & 15) * 4;

	return length < header + 8 + 12 ? -1 : header + 8;
}

/*
 * What the container asks goes out, what it is told comes in: what it serves to others goes the other way. On
 * the loopback each packet goes out and comes in.
 */
static int is_its_own(const struct sockaddr_ll *link, const unsigned char *message)
{
	int is_answer = (message[2] & 0x80) != 0, goes_out = link->sll_pkttype == PACKET_OUTGOING;

	return link->sll_hatype == ARPHRD_LOOPBACK ? !goes_out : is_answer != goes_out;
}

static void tell(struct space *space, const unsigned char *packet, int length, const struct sockaddr_ll *link)
{
	int from = payload_at(packet, length);
	time_t now = time(NULL);

	if (from < 0 || !is_its_own(link, packet + from))
		return;
	if (now != space->second) {
		if (space->omitted > 0)
			printf("~ %lu %u\n", space->inode, space->omitted);
		space->second = now;
		space->told = space->omitted = 0;
	}
	if (space->told == MOST_A_SECOND) {
		space->omitted++;
		return;
	}
	space->told++;
	printf("%lu ", space->inode);
	for (int i = from; i < length; i++)
		printf("%02x", packet[i]);
	putchar('\n');
}

static void hear(struct space *space)
{
	unsigned char packet[MOST_BYTES];

	for (int i = 0; i < 64; i++) {
		struct sockaddr_ll from;
		socklen_t size = sizeof(from);
		ssize_t length = recvfrom(space->socket, packet, sizeof(packet), 0,
					  (struct sockaddr *)&from, &size);

		if (length < 0)
			return;
		if (length > 0)
			tell(space, packet, (int)length, &from);
	}
}

int main(void)
{
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	char input[4096];
	size_t held = 0;

	if (own < 0)
		return 1;
	polled[0] = (struct pollfd){ .fd = 0, .events = POLLIN };
	for (;;) {
		if (poll(polled, (nfds_t)count + 1, -1) < 0 && errno != EINTR)
			return 1;
		for (int i = 0; i < count; i++)
			if (polled[i + 1].revents != 0)
				hear(&spaces[i]);
		if (polled[0].revents != 0) {
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
			if (held == sizeof(input) - 1)
				return 1;
		}
		if (fflush(stdout) != 0)
			return 0;
	}
}

/* Packets that a wall dropped because nobody had decided, kept so that they can be sent again. */
#ifndef SENTRA_KEPT_H
#define SENTRA_KEPT_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define MOST_KEPT 128
#define MOST_PACKET 1500

/* Where a packet was to go: address and port in the order of bytes of this machine. */
struct aim {
	uint32_t address;
	uint16_t port;
	uint8_t protocol;
};

struct kept {
	struct aim aim;
	uint16_t from;
	int length;
	time_t told;
	uint8_t packet[MOST_PACKET];
};

/* A packet of the same connection takes the place of the one before; for who gives way see `free_place`. */
struct packets {
	struct kept all[MOST_KEPT];
	int next;
};

static uint16_t two(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static int is_same(struct aim one, struct aim other)
{
	return one.address == other.address && one.port == other.port && one.protocol == other.protocol;
}

/* Takes the packet apart; 0 when it is no whole TCP over IPv4. */
static int read_packet(const uint8_t *packet, int length, struct aim *aim, uint16_t *from)
{
	int header = length > 0 ? (packet[0] & 15) * 4 : 0;

	if (length > MOST_PACKET || header < 20 || packet[0] >> 4 != 4 || length < header + 20)
		return 0;
	/* No fragment, and as long as it says. */
	if ((two(packet + 6) & 0x3fff) != 0 || two(packet + 2) != length)
		return 0;
	if (packet[9] != IPPROTO_TCP)
		return 0;
	aim->protocol = packet[9];
	aim->address = (uint32_t)two(packet + 16) << 16 | two(packet + 18);
	aim->port = two(packet + header + 2);
	*from = two(packet + header);
	return 1;
}

/*
 * A place for one more. When all are taken, one of the aim that has most of them gives way: who opens a
 * thousand connections to one place pushes out its own, and none that waits elsewhere.
 */
static struct kept *free_place(struct packets *kept)
{
	struct kept *place = NULL;
	int most = 0;

	for (int i = 0; i < MOST_KEPT; i++) {
		struct kept *one = &kept->all[(kept->next + i) % MOST_KEPT];
		int alike = 0;

		if (one->length == 0)
			return one;
		for (int j = 0; j < MOST_KEPT; j++)
			alike += is_same(kept->all[j].aim, one->aim);
		if (alike > most) {
			most = alike;
			place = one;
		}
	}
	/* Of several the next in turn, so that none is pushed out always. */
	kept->next = ((int)(place - kept->all) + 1) % MOST_KEPT;
	return place;
}

/* Keeps it. Whether it is to be told: none with that aim was within the last second. */
static int keep(struct packets *kept, const uint8_t *packet, int length, struct aim aim, uint16_t from)
{
	struct kept *place = NULL;
	time_t now = time(NULL);
	int is_told = 0;

	for (int i = 0; i < MOST_KEPT; i++) {
		struct kept *one = &kept->all[i];

		if (one->length == 0 || !is_same(one->aim, aim))
			continue;
		is_told |= one->told == now;
		if (one->from == from)
			place = one;
	}
	if (place == NULL)
		place = free_place(kept);
	*place = (struct kept){ .aim = aim, .from = from, .length = length, .told = now };
	memcpy(place->packet, packet, (size_t)length);
	return !is_told;
}

/* The sum of RFC 1071 over bytes, beginning with what was summed before. */
static uint32_t sum_of(const uint8_t *bytes, int length, uint32_t sum)
{
	for (int i = 0; i + 1 < length; i += 2)
		sum += two(bytes + i);
	if (length % 2 != 0)
		sum += (uint32_t)bytes[length - 1] << 8;
	return sum;
}

/* TCP is summed by the interface, long after the wall: here by ourselves. */
static void sum_anew(uint8_t *packet, int length)
{
	int header = (packet[0] & 15) * 4, size = length - header;
	uint8_t *field = packet + header + 16;
	uint32_t sum;

	field[0] = field[1] = 0;
	sum = sum_of(packet + 12, 8, (uint32_t)packet[9] + (uint32_t)size);
	sum = sum_of(packet + header, size, sum);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	sum = ~sum & 0xffff;
	field[0] = (uint8_t)(sum >> 8);
	field[1] = (uint8_t)sum;
}

/*
 * Sends again, and forgets, what had that aim; port 0 is any port and protocol, address 0 any aim at
 * all. The wall decides about each as about any other packet of the container.
 */
static void send_again(struct packets *kept, int raw, struct aim aim)
{
	for (int i = 0; i < MOST_KEPT; i++) {
		struct kept *one = &kept->all[i];
		struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr = { htonl(one->aim.address) } };
		int is_meant = aim.address == 0 ||
			       (aim.port == 0 ? one->aim.address == aim.address : is_same(one->aim, aim));

		if (one->length == 0 || !is_meant)
			continue;
		sum_anew(one->packet, one->length);
		sendto(raw, one->packet, (size_t)one->length, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to));
		one->length = 0;
	}
}

#endif

/*
 * What a wall refused because nobody had decided, and told of: datagrams, and what goes to an address of
 * IPv6. Nothing of it is kept, since who sent it was told at once.
 */
#ifndef SENTRA_REFUSED_H
#define SENTRA_REFUSED_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

/* So many are remembered, the oldest give way, so that none is told of twice in a second. */
#define MOST_REFUSED 256

struct refused {
	uint8_t family, protocol;
	uint16_t port;
	/* As on the wire; four bytes of it for IPv4. */
	uint8_t address[16];
	time_t told;
};

struct refusals {
	struct refused all[MOST_REFUSED];
	int next;
};

/*
 * Takes the packet apart: a datagram over IPv4, or the beginning of TCP or a datagram over IPv6 without
 * anything between the two headers. 0 for any other.
 */
static int read_refused(const uint8_t *packet, int length, struct refused *one)
{
	int version = length > 0 ? packet[0] >> 4 : 0;
	int header = version == 4 ? (packet[0] & 15) * 4 : 40;

	if ((version != 4 && version != 6) || header < 20 || length < header + 8)
		return 0;
	memset(one, 0, sizeof(*one));
	one->protocol = packet[version == 4 ? 9 : 6];
	if (one->protocol != IPPROTO_UDP && (one->protocol != IPPROTO_TCP || version == 4))
		return 0;
	/* Behind its first part a datagram tells no port. */
	if (version == 4 && ((packet[6] & 0x1f) != 0 || packet[7] != 0))
		return 0;
	one->family = version == 4 ? AF_INET : AF_INET6;
	memcpy(one->address, packet + (version == 4 ? 16 : 24), version == 4 ? 4 : 16);
	one->port = (uint16_t)(packet[header + 2] << 8 | packet[header + 3]);
	return one->port != 0;
}

/* Whether it is to be told: none like it was within this second. */
static int note_refused(struct refusals *known, struct refused *one)
{
	struct refused *place = NULL;

	one->told = time(NULL);
	for (int i = 0; i < MOST_REFUSED && place == NULL; i++) {
		struct refused *other = &known->all[i];

		if (other->family == one->family && other->protocol == one->protocol && other->port == one->port &&
		    memcmp(other->address, one->address, sizeof(one->address)) == 0)
			place = other;
	}
	if (place != NULL && place->told == one->told)
		return 0;
	if (place == NULL) {
		place = &known->all[known->next];
		known->next = (known->next + 1) % MOST_REFUSED;
	}
	*place = *one;
	return 1;
}

#endif

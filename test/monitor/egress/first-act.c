/*
 * What a container does as its first act in the tests: sends to an address by UDP, by TCP and as a
 * frame of its own making, a thousand times a second for 0.4 s, and then sleeps.
 * Arguments: the address, and the hardware address as twelve hexadecimal digits.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 7777

static void send_frame(int raw, const char *mac, struct in_addr to)
{
	unsigned char frame[60] = { 0 };
	struct sockaddr_ll where = { .sll_family = AF_PACKET, .sll_halen = 6 };
	uint32_t sum = 0;

	for (int i = 0; i < 6; i++) {
		unsigned int byte = 0;

		sscanf(mac + 2 * i, "%2x", &byte);
		frame[i] = where.sll_addr[i] = byte;
	}
	frame[6] = 2;
	frame[12] = 8;
	memcpy(frame + 14, (unsigned char[]){ 0x45, 0, 0, 32, 0, 1, 0, 0, 64, 17 }, 10);
	memcpy(frame + 26, (unsigned char[]){ 10, 9, 9, 9 }, 4);
	memcpy(frame + 30, &to, 4);
	for (int i = 0; i < 20; i += 2)
		sum += frame[14 + i] << 8 | frame[15 + i];
	sum = (sum & 0xffff) + (sum >> 16);
	frame[24] = ~sum >> 8;
	frame[25] = ~sum;
	frame[34] = frame[36] = PORT >> 8;
	frame[35] = frame[37] = PORT & 255;
	frame[39] = 12;
	where.sll_ifindex = if_nametoindex("eth0");
	sendto(raw, frame, sizeof(frame), 0, (void *)&where, sizeof(where));
}

int main(int count, char **arguments)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT) };

	if (count < 3)
		return 1;
	to.sin_addr.s_addr = inet_addr(arguments[1]);
	int datagrams = socket(AF_INET, SOCK_DGRAM, 0), raw = socket(AF_PACKET, SOCK_RAW, 0);

	for (int i = 0; i < 400; i++) {
		int stream = i % 8 == 0 ? socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0) : -1;

		sendto(datagrams, "x", 1, 0, (void *)&to, sizeof(to));
		if (stream >= 0)
			connect(stream, (void *)&to, sizeof(to));
		if (i % 2 == 0)
			send_frame(raw, arguments[2], to.sin_addr);
		usleep(1000);
	}
	pause();
	return 0;
}

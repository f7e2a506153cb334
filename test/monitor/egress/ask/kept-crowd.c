/* Keeps one packet, then those of a crowd; prints how many of the first there are, and in all. */
#include <stdio.h>
#include "../../../../monitor/egress/kernel/kept.h"

int main(void)
{
	static struct packets kept;
	static const uint8_t packet[60];
	struct aim calm = { 0x0a000001, 443, IPPROTO_TCP }, crowded = { 0x0a000002, 80, IPPROTO_TCP };
	int calm_kept = 0, all = 0;

	keep(&kept, packet, sizeof(packet), calm, 40000);
	for (int from = 1; from <= 10000; from++)
		keep(&kept, packet, sizeof(packet), crowded, (uint16_t)from);
	/* And a few to many places, each with what is left of the crowd to push out. */
	for (uint16_t port = 1; port <= 60; port++) {
		struct aim aim = { 0x0a000003, port, IPPROTO_TCP };

		keep(&kept, packet, sizeof(packet), aim, 41000);
	}
	for (int i = 0; i < MOST_KEPT; i++) {
		all += kept.all[i].length > 0;
		calm_kept += kept.all[i].length > 0 && is_same(kept.all[i].aim, calm);
	}
	printf("%d %d\n", calm_kept, all);
	(void)read_packet;
	(void)send_again;
	return 0;
}

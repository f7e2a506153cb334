// SPDX-License-Identifier: MIT
/*
 * A connection that came by a port, where nobody vouches for the other end: both ends prove that they
 * have the key, and whatever crosses is sealed. docs/decisions/0010 says against whom.
 */
#ifndef SENTRA_HELPER_CHANNEL_H
#define SENTRA_HELPER_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

/* The key that the monitor hands over at the start, and the keys of one connection; bytes. */
#define KEY_LENGTH 32

/* The keys of one connection; another for each direction, never used again. */
struct channel {
	uint8_t from_monitor[KEY_LENGTH], to_monitor[KEY_LENGTH];
};

/*
 * The first exchange, as the helper. The monitor sends 8 bytes "SentraH1" and 32 of its own choice;
 * the helper answers 32 of its own choice and the proof that it has the key; the monitor sends its
 * proof. A proof is HMAC-SHA256 by the key over who proves, and the choices of both. False when the
 * other end does not prove it, or goes.
 */
bool shake_hands(int connection, const uint8_t key[KEY_LENGTH], struct channel *channel);

/*
 * Passes on what comes sealed to `plain` as it was, and what comes from there sealed, until both have
 * ended, or something was not in order: then both are closed at once. A frame is the length of what it
 * holds (4 bytes, the highest first), that sealed by AES-256-GCM, and 16 bytes that show it unchanged,
 * whole and in its place. One that holds nothing ends its direction: without it, that was cut.
 */
void pass_on(int sealed, int plain, const struct channel *channel);

#endif

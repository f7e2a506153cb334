// SPDX-License-Identifier: MIT
/* The helper of an engine that shares no files with the monitor: one port, and a key. */
#ifndef SENTRA_HELPER_PORT_H
#define SENTRA_HELPER_PORT_H

#include <stdbool.h>
#include <stdint.h>
#include "channel.h"

/* Where it listens, in the network of its own container; the engine leads a port of the loopback there. */
#define PORT 7373

/* Reads the key from the standard input, 64 digits and a line end, and closes that. NULL, or a sentence. */
const char *take_key(uint8_t key[KEY_LENGTH]);

/* Listens on the port; -1 when that cannot be done. */
int listen_on_port(void);

/*
 * From here on works in the engine's own network, which is that of the process that started the
 * container; what listens stays where it is. NULL, or a sentence.
 */
const char *enter_engines_network(void);

/*
 * Has the other end prove that it knows the key, and writes its own process id to `told` when it has.
 * Then a child passes on what crosses, and what is returned is this side of it; -1 for nobody of ours.
 */
int open_sealed(int connection, uint8_t key[KEY_LENGTH], int told);

#endif

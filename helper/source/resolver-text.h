// SPDX-License-Identifier: MIT
#ifndef SENTRA_HELPER_RESOLVER_TEXT_H
#define SENTRA_HELPER_RESOLVER_TEXT_H

#include "text.h"

/*
 * Whether a text configures a resolver as walls need it, before dnsmasq sees it: NULL when it does,
 * else a sentence. Each line is one of a closed list, or decides about a name of the DNS. So no text
 * can name a file, a script, a user, an interface or another port.
 */
const char *check_resolver_text(struct slice text);

#endif

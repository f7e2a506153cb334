/* One network namespace in which connections are held, with its sockets; they stay where they were made. */
#ifndef SENTRA_HOLD_SPACE_H
#define SENTRA_HOLD_SPACE_H

#include <fcntl.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/stat.h>
#include "kept.h"
#include "placeholders.h"
#include "refused.h"
#include "set-element.h"

/* Where the wall logs what it holds, where names are answered, and where the wall's resolver is. */
#define LOG_GROUP 15353
#define ANSWER_PORT 15354
#define RESOLVER_PORT 15353
#define MOST_LOOKUPS 64

struct space {
	unsigned long inode;
	/* Packets that the wall dropped; questions about undecided names; the resolver; sets; out. */
	int log, names, resolver, sets, raw;
	struct placeholders placeholders;
	struct packets kept;
	struct refusals refusals;
	/* Placeholders whose real address was asked for, by the number of the question. */
	uint32_t lookups[MOST_LOOKUPS];
	uint16_t next_lookup;
	time_t second;
	unsigned int told, omitted;
};

static int make_names_socket(void)
{
	struct sockaddr_in here = { .sin_family = AF_INET,
				    .sin_port = htons(ANSWER_PORT),
				    .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int made = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (made >= 0 && bind(made, (struct sockaddr *)&here, sizeof(here)) < 0) {
		int error = errno;

		close(made);
		errno = error;
		return -1;
	}
	return made;
}

static int make_resolver_socket(void)
{
	struct sockaddr_in there = { .sin_family = AF_INET,
				     .sin_port = htons(RESOLVER_PORT),
				     .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int made = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (made >= 0)
		connect(made, (struct sockaddr *)&there, sizeof(there));
	return made;
}

static int set_log(int socket, int type, const void *value, int length)
{
	struct nfgenmsg body = { .nfgen_family = AF_UNSPEC,
				 .version = NFNETLINK_V0,
				 .res_id = htons(LOG_GROUP) };
	struct request request;

	begin_request(&request, NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG, NLM_F_ACK, &body, sizeof(body));
	add_bytes(&request, type, value, length);
	return ask(socket, &request, NULL, NULL);
}

static int make_log_socket(void)
{
	struct nfulnl_msg_config_cmd bind_group = { NFULNL_CFG_CMD_BIND };
	struct nfulnl_msg_config_mode whole = { htonl(0xffff), NFULNL_COPY_PACKET, 0 };
	/* Each packet at once; else the kernel gathers them for a second. */
	uint32_t at_once = htonl(1);
	int made = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER), result;

	if (made < 0)
		return -1;
	result = set_log(made, NFULA_CFG_CMD, &bind_group, sizeof(bind_group));
	if (result == 0)
		result = set_log(made, NFULA_CFG_MODE, &whole, sizeof(whole));
	if (result == 0)
		result = set_log(made, NFULA_CFG_QTHRESH, &at_once, sizeof(at_once));
	if (result == 0)
		return made;
	close(made);
	errno = -result;
	return -1;
}

static void close_space(struct space *space)
{
	int all[] = { space->log, space->names, space->resolver, space->sets, space->raw };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (all[i] >= 0)
			close(all[i]);
	free(space);
}

/* Makes the sockets where this process is now. */
static int fill_space(struct space *space)
{
	space->raw = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	space->sets = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	space->resolver = make_resolver_socket();
	if (space->raw < 0 || space->sets < 0 || space->resolver < 0)
		return -errno;
	space->names = make_names_socket();
	if (space->names < 0)
		return -errno;
	/* What an earlier run left; there may be no wall yet. */
	empty_set(space->sets, "held4");
	empty_set(space->sets, "turned4");
	space->log = make_log_socket();
	return space->log < 0 ? -errno : 0;
}

/* Opens the namespace of that process, if it is still the one with that inode; NULL with errno set. */
static struct space *open_space(unsigned int pid, unsigned long inode, int own)
{
	struct space *space = calloc(1, sizeof(*space));
	struct stat status;
	char path[64];
	int there, result = 0;

	if (space == NULL)
		return NULL;
	space->inode = inode;
	space->log = space->names = space->resolver = space->sets = space->raw = -1;
	snprintf(path, sizeof(path), "/proc/%u/ns/net", pid);
	there = open(path, O_RDONLY | O_CLOEXEC);
	if (there < 0)
		result = -errno;
	else if (fstat(there, &status) < 0 || status.st_ino != inode)
		result = -ESTALE;
	else if (setns(there, CLONE_NEWNET) < 0)
		result = -errno;
	else
		result = fill_space(space);
	if (there >= 0)
		close(there);
	if (setns(own, CLONE_NEWNET) < 0)
		exit(1);
	if (result == 0)
		return space;
	close_space(space);
	errno = -result;
	return NULL;
}

#endif

/* Asking the kernel by netlink: one dump at a time, each message handed to a function. */
#ifndef SENTRA_NETLINK_H
#define SENTRA_NETLINK_H

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST_ATTRIBUTES 64

/*
 * In bytes, what is taken in yet, and up to which processor time of this process, in nanoseconds: for each
 * message the kernel walks a set from its beginning. Who asks in a network that somebody else may fill
 * sets both before.
 */
static size_t told_left = SIZE_MAX;
static uint64_t told_until = UINT64_MAX;

/* The attributes of a message by their type; what is of no known type is left out. */
struct attributes {
	const struct nlattr *at[MOST_ATTRIBUTES];
};

typedef void (*on_message)(const struct nlmsghdr *message, void *context);

static const void *value_of(const struct nlattr *attribute)
{
	return (const char *)attribute + NLA_HDRLEN;
}

static size_t size_of(const struct nlattr *attribute)
{
	return attribute->nla_len - NLA_HDRLEN;
}

/* The next attribute among `left` bytes from `at`; NULL at their end. */
static const struct nlattr *attribute_at(const void *at, size_t left)
{
	const struct nlattr *attribute = at;

	if (left < NLA_HDRLEN || attribute->nla_len < NLA_HDRLEN || attribute->nla_len > left)
		return NULL;
	return attribute;
}

#define each_attribute(one, from, length)                                                         \
	for (const char *_at = (from), *_end = _at + (length);                                     \
	     _at < _end && ((one) = attribute_at(_at, _end - _at)) != NULL;                        \
	     _at += NLA_ALIGN((one)->nla_len))

static void read_attributes(struct attributes *found, const void *from, size_t length)
{
	const struct nlattr *one;

	memset(found, 0, sizeof(*found));
	each_attribute(one, from, length) {
		unsigned int type = one->nla_type & NLA_TYPE_MASK;

		if (type < MOST_ATTRIBUTES)
			found->at[type] = one;
	}
}

static inline void read_nested(struct attributes *found, const struct nlattr *outer)
{
	read_attributes(found, value_of(outer), size_of(outer));
}

/* The text of an attribute, or an empty one; the kernel ends each with a zero. */
static inline const char *text_of(const struct nlattr *attribute)
{
	if (attribute == NULL || size_of(attribute) == 0)
		return "";
	const char *text = value_of(attribute);

	return text[size_of(attribute) - 1] == '\0' ? text : "";
}

/* A number of the byte order of the network, of four or eight bytes. */
static inline uint64_t number_of(const struct nlattr *attribute)
{
	uint64_t number = 0;

	if (attribute == NULL || size_of(attribute) > 8)
		return 0;
	for (size_t i = 0; i < size_of(attribute); i++)
		number = number << 8 | ((const uint8_t *)value_of(attribute))[i];
	return number;
}

struct request {
	struct nlmsghdr header;
	char body[1024];
};

static void begin_request(struct request *request, int type, int flags, const void *body, size_t length)
{
	memset(request, 0, sizeof(*request));
	request->header.nlmsg_type = type;
	request->header.nlmsg_flags = NLM_F_REQUEST | flags;
	request->header.nlmsg_len = NLMSG_HDRLEN + NLMSG_ALIGN(length);
	memcpy(request->body, body, length);
}

static void begin_table_request(struct request *request, int message, int flags, int family)
{
	struct nfgenmsg body = { .nfgen_family = family, .version = NFNETLINK_V0 };

	begin_request(request, NFNL_SUBSYS_NFTABLES << 8 | message, flags, &body, sizeof(body));
}

static void add_text(struct request *request, int type, const char *text)
{
	struct nlattr *attribute = (void *)((char *)request + request->header.nlmsg_len);
	size_t length = NLA_HDRLEN + strlen(text) + 1;

	if (request->header.nlmsg_len + NLA_ALIGN(length) > sizeof(*request))
		return;
	attribute->nla_type = type;
	attribute->nla_len = length;
	memcpy((char *)attribute + NLA_HDRLEN, text, strlen(text) + 1);
	request->header.nlmsg_len += NLA_ALIGN(length);
}

static inline uint64_t processor_time(void)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/*
 * The length of what the kernel has said, or -1, as recv tells it. Whoever administers the network may
 * write to a socket in it as well; the kernel's own number is 0. What others say is nothing: 0.
 */
static ssize_t hear_kernel(int socket, void *buffer, size_t size, int flags)
{
	struct sockaddr_nl from = { 0 };
	socklen_t length = sizeof(from);
	ssize_t got = recvfrom(socket, buffer, size, flags, (struct sockaddr *)&from, &length);

	if (got < 0)
		return -1;
	if ((size_t)got > told_left || (told_until != UINT64_MAX && processor_time() > told_until)) {
		errno = E2BIG;
		return -1;
	}
	told_left -= (size_t)got;
	return from.nl_pid == 0 ? got : 0;
}

/*
 * Sends the request and hands on what is answered. 0, or the error as a negative number: -EINTR
 * where the kernel says that what it told does not belong together, for it changed meanwhile; -E2BIG
 * where that was more than is taken in.
 */
static int ask(int socket, struct request *request, on_message handle, void *context)
{
	static char buffer[256 * 1024] __attribute__((aligned(8)));
	static uint32_t sequence;
	int is_dump = (request->header.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	int result = 0;

	request->header.nlmsg_seq = ++sequence;
	if (send(socket, request, request->header.nlmsg_len, 0) < 0)
		return -errno;
	for (;;) {
		ssize_t got = hear_kernel(socket, buffer, sizeof(buffer), 0);

		if (got < 0)
			return -errno;
		size_t left = got;

		for (struct nlmsghdr *one = (void *)buffer; NLMSG_OK(one, left); one = NLMSG_NEXT(one, left)) {
			if (one->nlmsg_seq != sequence)
				continue;
			if (one->nlmsg_flags & NLM_F_DUMP_INTR)
				result = -EINTR;
			if (one->nlmsg_type == NLMSG_DONE)
				return result;
			if (one->nlmsg_type == NLMSG_ERROR)
				return ((struct nlmsgerr *)NLMSG_DATA(one))->error;
			handle(one, context);
			if (!is_dump)
				return result;
		}
	}
}

#endif

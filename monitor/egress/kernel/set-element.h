/* Putting one element with a time-out into a set or a map of Sentra's own table. */
#ifndef SENTRA_SET_ELEMENT_H
#define SENTRA_SET_ELEMENT_H

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <arpa/inet.h>
#include "netlink.h"

/* A value of at most sixteen bytes, as it lies in the kernel's registers. */
struct value {
	uint8_t bytes[16];
	int length;
};

static struct nlattr *begin_nested(struct request *request, int type)
{
	struct nlattr *outer = (void *)((char *)request + request->header.nlmsg_len);

	outer->nla_type = (uint16_t)(type | NLA_F_NESTED);
	request->header.nlmsg_len += NLA_HDRLEN;
	return outer;
}

static void end_nested(struct request *request, struct nlattr *outer)
{
	outer->nla_len = (uint16_t)((char *)request + request->header.nlmsg_len - (char *)outer);
}

static void add_bytes(struct request *request, int type, const void *bytes, int length)
{
	struct nlattr *one = (void *)((char *)request + request->header.nlmsg_len);

	one->nla_type = (uint16_t)type;
	one->nla_len = (uint16_t)(NLA_HDRLEN + length);
	memcpy((char *)one + NLA_HDRLEN, bytes, (size_t)length);
	request->header.nlmsg_len += (uint32_t)NLA_ALIGN(one->nla_len);
}

static void add_value(struct request *request, int type, const struct value *value)
{
	struct nlattr *outer = begin_nested(request, type);

	add_bytes(request, NFTA_DATA_VALUE, value->bytes, value->length);
	end_nested(request, outer);
}

/* The head or the end of what the kernel does as one. */
static void make_border(struct request *request, int type)
{
	struct nfgenmsg body = { .nfgen_family = AF_UNSPEC,
				 .version = NFNETLINK_V0,
				 .res_id = htons(NFNL_SUBSYS_NFTABLES) };

	begin_request(request, type, 0, &body, sizeof(body));
}

static int send_batch(int socket, struct request *change)
{
	static uint32_t number = 0x40000000;
	struct request begin, end;
	char reply[4096] __attribute__((aligned(8)));

	make_border(&begin, NFNL_MSG_BATCH_BEGIN);
	make_border(&end, NFNL_MSG_BATCH_END);
	begin.header.nlmsg_seq = end.header.nlmsg_seq = ++number;
	change->header.nlmsg_seq = ++number;
	struct iovec parts[] = { { &begin, begin.header.nlmsg_len },
				 { change, change->header.nlmsg_len },
				 { &end, end.header.nlmsg_len } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 3 };

	if (sendmsg(socket, &message, 0) < 0)
		return -errno;
	for (;;) {
		ssize_t got = hear_kernel(socket, reply, sizeof(reply), 0);
		size_t left = got < 0 ? 0 : (size_t)got;

		if (got < 0)
			return -errno;
		for (struct nlmsghdr *one = (void *)reply; NLMSG_OK(one, left); one = NLMSG_NEXT(one, left))
			if (one->nlmsg_type == NLMSG_ERROR && one->nlmsg_seq == number)
				return ((struct nlmsgerr *)NLMSG_DATA(one))->error;
	}
}

static void make_change(struct request *request, int message, const char *set, const struct value *key,
			const struct value *data, uint64_t seconds)
{
	uint8_t milliseconds[8];
	struct nlattr *list, *element;

	for (int i = 0; i < 8; i++)
		milliseconds[i] = (uint8_t)(seconds * 1000 >> (56 - 8 * i));
	begin_table_request(request, message, NLM_F_ACK | NLM_F_CREATE, NFPROTO_INET);
	add_text(request, NFTA_SET_ELEM_LIST_TABLE, "sentra");
	add_text(request, NFTA_SET_ELEM_LIST_SET, set);
	list = begin_nested(request, NFTA_SET_ELEM_LIST_ELEMENTS);
	element = begin_nested(request, NFTA_LIST_ELEM);
	add_value(request, NFTA_SET_ELEM_KEY, key);
	if (message == NFT_MSG_NEWSETELEM) {
		if (data->length > 0)
			add_value(request, NFTA_SET_ELEM_DATA, data);
		add_bytes(request, NFTA_SET_ELEM_TIMEOUT, milliseconds, sizeof(milliseconds));
	}
	end_nested(request, element);
	end_nested(request, list);
}

/* Takes all elements out of the set. */
static int empty_set(int socket, const char *set)
{
	struct request request;

	begin_table_request(&request, NFT_MSG_DELSETELEM, NLM_F_ACK, NFPROTO_INET);
	add_text(&request, NFTA_SET_ELEM_LIST_TABLE, "sentra");
	add_text(&request, NFTA_SET_ELEM_LIST_SET, set);
	return send_batch(socket, &request);
}

/* Puts the element in, in place of one with the same key. 0, or the error as a negative number. */
static int put_element(int socket, const char *set, const struct value *key, const struct value *data,
		       uint64_t seconds)
{
	struct request request;

	/* There may be none: then this fails, and nothing is lost. */
	make_change(&request, NFT_MSG_DELSETELEM, set, key, data, seconds);
	send_batch(socket, &request);
	make_change(&request, NFT_MSG_NEWSETELEM, set, key, data, seconds);
	return send_batch(socket, &request);
}

#endif

/* The digest over what Sentra's tables say, without what is counted or comes and goes in them. */
#ifndef SENTRA_RULES_H
#define SENTRA_RULES_H

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include "netlink.h"
#include "sha256.h"

#define TABLE "sentra"
#define MOST_SETS 1024

struct set {
	int family;
	char name[64];
	int is_timed;
};

struct rules {
	/* Over everything, and over all but the tables of interfaces. */
	struct sha256 all, inner;
	/* Elements are in no order: their digests are laid over one another. */
	uint8_t elements[32], inner_elements[32];
	struct set sets[MOST_SETS];
	int set_count;
	/* Which attributes of the message that is being read count, by their types; ends with a 0. */
	const int *types;
};

static int family_of(const struct nlmsghdr *message)
{
	return ((const struct nfgenmsg *)NLMSG_DATA(message))->nfgen_family;
}

static void attributes_of(struct attributes *found, const struct nlmsghdr *message)
{
	size_t head = NLMSG_ALIGN(sizeof(struct nfgenmsg));

	read_attributes(found, (const char *)NLMSG_DATA(message) + head, NLMSG_PAYLOAD(message, head));
}

static void add_attribute(struct sha256 *sha, const struct nlattr *attribute)
{
	uint16_t head[2] = { attribute->nla_len, attribute->nla_type };

	sha256_add(sha, head, sizeof(head));
	sha256_add(sha, value_of(attribute), size_of(attribute));
}

/* Every message about tables has the table's name as its first attribute. */
static void add_message(const struct nlmsghdr *message, void *context)
{
	struct rules *rules = context;
	struct attributes found;
	uint16_t head[2] = { message->nlmsg_type, family_of(message) };

	attributes_of(&found, message);
	if (strcmp(text_of(found.at[1]), TABLE) != 0)
		return;
	for (int is_inner = 0; is_inner < 2; is_inner++) {
		struct sha256 *sha = is_inner ? &rules->inner : &rules->all;

		if (is_inner && head[1] == NFPROTO_NETDEV)
			continue;
		sha256_add(sha, head, sizeof(head));
		for (const int *type = rules->types; *type != 0; type++)
			if (found.at[*type] != NULL)
				add_attribute(sha, found.at[*type]);
	}
}

static void add_set(const struct nlmsghdr *message, void *context)
{
	struct rules *rules = context;
	struct attributes found;

	add_message(message, context);
	attributes_of(&found, message);
	if (strcmp(text_of(found.at[NFTA_SET_TABLE]), TABLE) != 0 || rules->set_count == MOST_SETS)
		return;
	struct set *set = &rules->sets[rules->set_count++];

	set->family = family_of(message);
	set->is_timed = (number_of(found.at[NFTA_SET_FLAGS]) & NFT_SET_TIMEOUT) != 0;
	snprintf(set->name, sizeof(set->name), "%s", text_of(found.at[NFTA_SET_NAME]));
}

static void add_elements(const struct nlmsghdr *message, void *context)
{
	static const int types[] = { NFTA_SET_ELEM_KEY, NFTA_SET_ELEM_KEY_END, NFTA_SET_ELEM_DATA,
				     NFTA_SET_ELEM_FLAGS, 0 };
	struct rules *rules = context;
	struct attributes list, found;
	const struct nlattr *one;

	attributes_of(&list, message);
	if (list.at[NFTA_SET_ELEM_LIST_ELEMENTS] == NULL)
		return;
	const struct nlattr *elements = list.at[NFTA_SET_ELEM_LIST_ELEMENTS];

	each_attribute(one, value_of(elements), size_of(elements)) {
		const char *name = text_of(list.at[NFTA_SET_ELEM_LIST_SET]);
		struct sha256 sha;
		uint8_t digest[32];

		read_nested(&found, one);
		sha256_begin(&sha);
		sha256_add(&sha, name, strlen(name) + 1);
		for (const int *type = types; *type != 0; type++)
			if (found.at[*type] != NULL)
				add_attribute(&sha, found.at[*type]);
		sha256_end(&sha, digest);
		for (int i = 0; i < 32; i++) {
			rules->elements[i] ^= digest[i];
			if (family_of(message) != NFPROTO_NETDEV)
				rules->inner_elements[i] ^= digest[i];
		}
	}
}

struct part {
	int message;
	int table_type;
	on_message handle;
	int types[8];
};

static const struct part parts[] = {
	{ NFT_MSG_GETTABLE, 0, add_message, { NFTA_TABLE_NAME, NFTA_TABLE_FLAGS, 0 } },
	{ NFT_MSG_GETCHAIN, 0, add_message,
	  { NFTA_CHAIN_NAME, NFTA_CHAIN_HOOK, NFTA_CHAIN_POLICY, NFTA_CHAIN_TYPE, NFTA_CHAIN_FLAGS, 0 } },
	{ NFT_MSG_GETSET, NFTA_SET_TABLE, add_set,
	  { NFTA_SET_NAME, NFTA_SET_FLAGS, NFTA_SET_KEY_TYPE, NFTA_SET_KEY_LEN, NFTA_SET_TIMEOUT,
	    NFTA_SET_EXPR, 0 } },
	{ NFT_MSG_GETOBJ, NFTA_OBJ_TABLE, add_message, { NFTA_OBJ_NAME, NFTA_OBJ_TYPE, 0 } },
	{ NFT_MSG_GETRULE, NFTA_RULE_TABLE, add_message,
	  { NFTA_RULE_CHAIN, NFTA_RULE_EXPRESSIONS, 0 } },
};

static int ask_elements(int socket, int family, const char *set, on_message handle, void *context)
{
	struct request request;

	begin_table_request(&request, NFT_MSG_GETSETELEM, NLM_F_DUMP, family);
	add_text(&request, NFTA_SET_ELEM_LIST_TABLE, TABLE);
	add_text(&request, NFTA_SET_ELEM_LIST_SET, set);
	return ask(socket, &request, handle, context);
}

/* Reads the tables of these families, the digest's in the order in which they are named. */
static int read_rules(int socket, struct rules *rules, const int *families, int count)
{
	memset(rules, 0, sizeof(*rules));
	sha256_begin(&rules->all);
	sha256_begin(&rules->inner);
	for (int i = 0; i < count; i++)
		for (size_t j = 0; j < sizeof(parts) / sizeof(*parts); j++) {
			struct request request;

			rules->types = parts[j].types;
			begin_table_request(&request, parts[j].message, NLM_F_DUMP, families[i]);
			if (parts[j].table_type != 0)
				add_text(&request, parts[j].table_type, TABLE);
			int result = ask(socket, &request, parts[j].handle, rules);

			if (result < 0)
				return result;
		}
	for (int i = 0; i < rules->set_count; i++) {
		const struct set *set = &rules->sets[i];
		int result = set->is_timed ? 0
					   : ask_elements(socket, set->family, set->name, add_elements, rules);

		if (result < 0)
			return result;
	}
	if (rules->set_count == MOST_SETS)
		return -E2BIG;
	sha256_add(&rules->all, rules->elements, 32);
	sha256_add(&rules->inner, rules->inner_elements, 32);
	return 0;
}

#endif

/* What a wall has counted, and the addresses that names have put into its sets. */
#ifndef SENTRA_COUNTS_H
#define SENTRA_COUNTS_H

#include <arpa/inet.h>
#include "output.h"
#include "rules.h"

/* `["total",packets]` */
static void print_counter(const struct nlmsghdr *message, void *context)
{
	struct attributes found, data;

	attributes_of(&found, message);
	if (strcmp(text_of(found.at[NFTA_OBJ_TABLE]), TABLE) != 0 || found.at[NFTA_OBJ_DATA] == NULL ||
	    number_of(found.at[NFTA_OBJ_TYPE]) != NFT_OBJECT_COUNTER)
		return;
	read_nested(&data, found.at[NFTA_OBJ_DATA]);
	print_comma(context);
	print(context, "[");
	print_text(context, text_of(found.at[NFTA_OBJ_NAME]));
	print(context, ",%llu]", (unsigned long long)number_of(data.at[NFTA_COUNTER_PACKETS]));
}

/* The counter of an element; zeros where it has none. */
static void counter_of(const struct attributes *element, uint64_t *packets, uint64_t *bytes)
{
	const struct nlattr *expression = element->at[NFTA_SET_ELEM_EXPR];
	struct attributes found;

	*packets = *bytes = 0;
	if (expression == NULL)
		return;
	read_nested(&found, expression);
	if (strcmp(text_of(found.at[NFTA_EXPR_NAME]), "counter") != 0 || found.at[NFTA_EXPR_DATA] == NULL)
		return;
	read_nested(&found, found.at[NFTA_EXPR_DATA]);
	*packets = number_of(found.at[NFTA_COUNTER_PACKETS]);
	*bytes = number_of(found.at[NFTA_COUNTER_BYTES]);
}

/* Whether it holds what names lead to, or what is kept of that. */
static int is_of_names(const char *set)
{
	return set[0] == 'n' || set[0] == 'k';
}

/* `["sent4","192.0.2.1",6,443,packets,bytes]`, or `["n4_any_any","192.0.2.1",seconds or null]` */
static void print_elements(const struct nlmsghdr *message, void *context)
{
	struct attributes list, found, key;
	const struct nlattr *one;

	attributes_of(&list, message);
	if (list.at[NFTA_SET_ELEM_LIST_ELEMENTS] == NULL)
		return;
	const struct nlattr *elements = list.at[NFTA_SET_ELEM_LIST_ELEMENTS];
	const char *set = text_of(list.at[NFTA_SET_ELEM_LIST_SET]);

	each_attribute(one, value_of(elements), size_of(elements)) {
		char address[INET6_ADDRSTRLEN];
		uint64_t packets, bytes;

		read_nested(&found, one);
		if (found.at[NFTA_SET_ELEM_KEY] == NULL)
			continue;
		read_nested(&key, found.at[NFTA_SET_ELEM_KEY]);
		if (key.at[NFTA_DATA_VALUE] == NULL)
			continue;
		const uint8_t *value = value_of(key.at[NFTA_DATA_VALUE]);
		size_t length = size_of(key.at[NFTA_DATA_VALUE]);
		/* Each part of a key begins at a multiple of four: address, protocol, port. */
		size_t size = length >= 16 ? 16 : 4;

		if (inet_ntop(size == 16 ? AF_INET6 : AF_INET, value, address, sizeof(address)) == NULL)
			continue;
		print_comma(context);
		print(context, "[\"%s\",\"%s\",", set, address);
		if (is_of_names(set)) {
			/* The kernel leaves the set's own time-out out. */
			if (found.at[NFTA_SET_ELEM_TIMEOUT] == NULL)
				print(context, "null]");
			else
				print(context, "%llu]",
				      (unsigned long long)number_of(found.at[NFTA_SET_ELEM_TIMEOUT]) / 1000);
			continue;
		}
		counter_of(&found, &packets, &bytes);
		print(context, "%d,", length >= size + 4 ? value[size] : 0);
		if (length >= size + 8)
			print(context, "%d,", value[size + 4] << 8 | value[size + 5]);
		else
			print(context, "null,");
		print(context, "%llu,%llu]", (unsigned long long)packets, (unsigned long long)bytes);
	}
}

static const char *const counting_sets[] = {
	"sent4",       "sent6",       "sentother4",    "sentother6",    "received4",
	"received6",   "refused4",    "refused6",      "refusedother4", "refusedother6",
};

/* What was counted, told as the members "counters" and "flows" of an object. */
static int print_counts(int socket, const int *families, int count, int has_flows, struct output *output)
{
	print(output, ",\"counters\":[");
	for (int i = 0; i < count; i++) {
		struct request request;

		begin_table_request(&request, NFT_MSG_GETOBJ, NLM_F_DUMP, families[i]);
		add_text(&request, NFTA_OBJ_TABLE, TABLE);
		int result = ask(socket, &request, print_counter, output);

		if (result < 0)
			return result;
	}
	print(output, "],\"flows\":[");
	for (size_t i = 0; has_flows && i < sizeof(counting_sets) / sizeof(*counting_sets); i++) {
		int result = ask_elements(socket, NFPROTO_INET, counting_sets[i], print_elements, output);

		/* A set that somebody has taken away shows in the digest. */
		if (result < 0 && result != -ENOENT)
			return result;
	}
	print(output, "]");
	return 0;
}

#endif

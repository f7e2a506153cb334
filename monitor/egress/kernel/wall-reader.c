/*
 * Reads many walls in one process, so that looking at them costs next to nothing.
 *
 * Each line of the input asks about one network namespace:
 *   PID INODE GENERATION
 * the namespace of that process, if it is still the one with that inode, and the generation of its
 * rules that the asker knows, or 0. Each is answered by one line of JSON, in the same order. Nothing
 * is ever changed.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <sys/stat.h>
#include "counts.h"

/*
 * So many bytes are taken in of one network, and so many nanoseconds are spent on it, all tries together:
 * far more than full counts and a full set of names come to. Whoever administers the network could fill its
 * tables without end, and all others wait meanwhile.
 */
#define MOST_TOLD (16u << 20)
#define MOST_TIME 2000000000u

struct space {
	int tables, links;
};

struct tables {
	struct output *output;
	/* Families in which there is a table of Sentra's, in the kernel's order. */
	int families[8];
	int count;
	int has_inet;
};

static const char *family_name(int family)
{
	switch (family) {
	case NFPROTO_INET: return "inet";
	case NFPROTO_IPV4: return "ip";
	case NFPROTO_ARP: return "arp";
	case NFPROTO_NETDEV: return "netdev";
	case NFPROTO_BRIDGE: return "bridge";
	case NFPROTO_IPV6: return "ip6";
	default: return "other";
	}
}

static void take_table(const struct nlmsghdr *message, void *context)
{
	struct tables *tables = context;
	struct attributes found;
	char label[300];
	int family = family_of(message);

	attributes_of(&found, message);
	const char *name = text_of(found.at[NFTA_TABLE_NAME]);

	snprintf(label, sizeof(label), "%s %s", family_name(family), name);
	print_comma(tables->output);
	print_text(tables->output, label);
	if (strcmp(name, TABLE) != 0 || tables->count == 8)
		return;
	tables->families[tables->count++] = family;
	if (family == NFPROTO_INET)
		tables->has_inet = 1;
}

/* `[index,"eth0",index of the other end or 0,index of the bridge or 0]` */
static void print_link(const struct nlmsghdr *message, void *context)
{
	const struct ifinfomsg *link = NLMSG_DATA(message);
	struct attributes found;
	size_t head = NLMSG_ALIGN(sizeof(*link));
	int peer = 0, master = 0;

	read_attributes(&found, (const char *)link + head, NLMSG_PAYLOAD(message, head));
	if (found.at[IFLA_LINK] != NULL)
		memcpy(&peer, value_of(found.at[IFLA_LINK]), sizeof(peer));
	if (found.at[IFLA_MASTER] != NULL)
		memcpy(&master, value_of(found.at[IFLA_MASTER]), sizeof(master));
	print_comma(context);
	print(context, "[%d,", link->ifi_index);
	print_text(context, text_of(found.at[IFLA_IFNAME]));
	print(context, ",%d,%d]", peer, master);
}

static int print_links(int socket, struct output *output)
{
	struct ifinfomsg body = { .ifi_family = AF_UNSPEC };
	struct request request;
	/* Without the statistics of each, which are most of it. */
	struct {
		struct nlattr head;
		uint32_t mask;
	} mask = { { sizeof(mask), IFLA_EXT_MASK }, RTEXT_FILTER_SKIP_STATS };

	begin_request(&request, RTM_GETLINK, NLM_F_DUMP, &body, sizeof(body));
	memcpy((char *)&request + request.header.nlmsg_len, &mask, sizeof(mask));
	request.header.nlmsg_len += sizeof(mask);
	print(output, ",\"links\":[");
	int result = ask(socket, &request, print_link, output);

	print(output, "]");
	return result;
}

static void take_generation(const struct nlmsghdr *message, void *context)
{
	struct attributes found;

	attributes_of(&found, message);
	*(uint32_t *)context = number_of(found.at[NFTA_GEN_ID]);
}

static int read_generation(int socket, uint32_t *generation)
{
	struct request request;

	begin_table_request(&request, NFT_MSG_GETGEN, 0, AF_UNSPEC);
	return ask(socket, &request, take_generation, generation);
}

static void print_digest(struct output *output, const char *name, struct sha256 *sha)
{
	uint8_t digest[32];

	sha256_end(sha, digest);
	print(output, ",\"%s\":\"", name);
	for (int i = 0; i < 32; i++)
		print(output, "%02x", digest[i]);
	print(output, "\"");
}

/* The rules: their digests, and what stands in the sets of names. */
static int print_rules(int socket, const struct tables *tables, struct output *output)
{
	static struct rules rules;
	int result = read_rules(socket, &rules, tables->families, tables->count);

	if (result < 0)
		return result;
	print_digest(output, "digest", &rules.all);
	print_digest(output, "inner", &rules.inner);
	print(output, ",\"elements\":[");
	for (int i = 0; i < rules.set_count; i++) {
		const struct set *set = &rules.sets[i];

		if (!set->is_timed || set->family != NFPROTO_INET || !is_of_names(set->name))
			continue;
		result = ask_elements(socket, set->family, set->name, print_elements, output);
		if (result < 0)
			return result;
	}
	print(output, "]");
	return 0;
}

static int print_space(const struct space *space, uint32_t known, struct output *output)
{
	struct tables tables = { .output = output };
	struct request request;
	uint32_t before = 0, after = 0;
	int result = read_generation(space->tables, &before);

	if (result < 0)
		return result;
	print(output, "{\"generation\":%u,\"tables\":[", before);
	begin_table_request(&request, NFT_MSG_GETTABLE, NLM_F_DUMP, AF_UNSPEC);
	result = ask(space->tables, &request, take_table, &tables);
	print(output, "]");
	if (result == 0)
		result = print_links(space->links, output);
	if (result == 0 && tables.count > 0)
		result = print_counts(space->tables, tables.families, tables.count, tables.has_inet, output);
	if (result == 0 && tables.count > 0 && before != known)
		result = print_rules(space->tables, &tables, output);
	print(output, "}\n");
	if (result == 0)
		result = read_generation(space->tables, &after);
	if (result == 0 && before != after)
		return -EINTR;
	return result;
}

/* Opens sockets in the namespace; they stay there when this process leaves it. */
static int open_space(const char *path, unsigned long inode, int own, struct space *space)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC), result = 0;
	struct stat status;

	if (descriptor < 0)
		return -errno;
	if (fstat(descriptor, &status) < 0 || status.st_ino != inode)
		result = -ESTALE;
	else if (setns(descriptor, CLONE_NEWNET) < 0)
		result = -errno;
	close(descriptor);
	if (result < 0)
		return result;
	space->tables = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	space->links = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (setns(own, CLONE_NEWNET) < 0)
		exit(1);
	if (space->tables < 0 || space->links < 0) {
		close(space->tables);
		close(space->links);
		return -EMFILE;
	}
	return 0;
}

static int answer(int pid, unsigned long inode, uint32_t known, int own, struct output *output)
{
	char path[64];
	struct space space;
	int result;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	result = open_space(path, inode, own, &space);
	if (result < 0)
		return result;
	told_left = MOST_TOLD;
	told_until = processor_time() + MOST_TIME;
	/* What changes while it is read is read again. */
	for (int tries = 0; tries < 8; tries++) {
		output->length = 0;
		result = print_space(&space, known, output);
		if (result != -EINTR && result != -ENOENT)
			break;
	}
	close(space.tables);
	close(space.links);
	return result;
}

int main(void)
{
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct output output = { 0 };
	char line[128];

	if (own < 0)
		return 1;
	while (fgets(line, sizeof(line), stdin) != NULL) {
		unsigned int pid, known;
		unsigned long inode;
		int result = -EINVAL;

		output.length = 0;
		if (sscanf(line, "%u %lu %u", &pid, &inode, &known) == 3 && pid <= INT32_MAX)
			result = answer(pid, inode, known, own, &output);
		if (result < 0) {
			output.length = 0;
			print(&output, "{\"error\":");
			print_text(&output, result == -E2BIG ? "its tables hold more than those of any wall"
							     : strerror(-result));
			print(&output, "}\n");
		}
		if (write_out(&output) < 0)
			return 0;
	}
	return 0;
}

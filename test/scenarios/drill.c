/* One step of the escape drill, by its name. Built by the test, run in containers. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static long neighbour_memory(pid_t neighbour, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", neighbour);
	return open(path, flags);
}

static long engine_socket(void)
{
	struct sockaddr_un address = { AF_UNIX, "/var/run/docker.sock" };

	return connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&address, sizeof(address));
}

/* By a link that bears another name. */
static long engine_socket_by_link(void)
{
	struct sockaddr_un address = { AF_UNIX, "/tmp/plain" };

	if (symlink("/var/run/docker.sock", address.sun_path) != 0)
		exit(3);
	return connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&address, sizeof(address));
}

static int connection(const char *host)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(9) };
	int socket_fd = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, host, &address.sin_addr);
	if (connect(socket_fd, (void *)&address, sizeof(address)) != 0)
		exit(3);
	return socket_fd;
}

static long reverse_shell(const char *host)
{
	int wire = connection(host);

	for (int standard = 0; standard < 3; standard++)
		dup2(wire, standard);
	return execl("/bin/sh", "sh", "-c", "sleep 600", NULL);
}

/* A program that is nowhere but in memory: a copy of sleep. */
static long from_memory(void)
{
	static char bytes[1 << 22];
	int from = open("/bin/sleep", O_RDONLY), to = memfd_create("quiet", MFD_CLOEXEC);
	ssize_t length = read(from, bytes, sizeof(bytes));
	char *words[] = { "sleep", "600", NULL };

	if (length <= 0 || write(to, bytes, length) != length)
		exit(3);
	return syscall(SYS_execveat, to, "", words, environ, AT_EMPTY_PATH);
}

static long bpf_map(void)
{
	union bpf_attr attributes = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4 };

	attributes.max_entries = 1;
	return syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof(attributes));
}

static long perf_event(void)
{
	struct perf_event_attr attributes = { .type = PERF_TYPE_SOFTWARE, .size = sizeof(attributes) };

	attributes.config = PERF_COUNT_SW_CPU_CLOCK;
	attributes.exclude_kernel = 1;
	return syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0);
}

static long neighbour_bytes(pid_t neighbour)
{
	char bytes[8], path[64];
	unsigned long begin = 0;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", neighbour);
	maps = fopen(path, "r");
	if (!maps || fscanf(maps, "%lx", &begin) != 1)
		begin = 0x400000;
	struct iovec mine = { bytes, sizeof(bytes) }, theirs = { (void *)begin, sizeof(bytes) };

	return process_vm_readv(neighbour, &mine, 1, &theirs, 1, 0);
}

/* By a path that says neither whose it is nor where. */
static long memory_by_folder(pid_t neighbour)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d", neighbour);
	if (chdir(path) != 0)
		exit(3);
	return open("mem", O_WRONLY);
}

/* While a child of its own is traced, as a debugger does. */
static void trace_a_child(void)
{
	pid_t child = fork();

	if (child == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

static long covered_bytes(pid_t neighbour)
{
	trace_a_child();
	return neighbour_bytes(neighbour);
}

static long covered_memory(pid_t neighbour)
{
	trace_a_child();
	return neighbour_memory(neighbour, O_WRONLY);
}

/* A crowd of calls that lead nowhere, and one among them that does. */
static long flooded(const char *decoy, pid_t neighbour, int times)
{
	for (int i = 0; i < times; i++)
		close(open(decoy, O_RDONLY));
	return ptrace(PTRACE_ATTACH, neighbour, NULL, NULL);
}

static long crowded(void)
{
	if (mkdir("/tmp/decoys", 0700) != 0)
		exit(3);
	close(creat("/tmp/decoys/shadow", 0600));
	for (int i = 0; i < 300000; i++)
		close(open("/tmp/decoys/shadow", O_RDONLY));
	return open("/etc/shadow", O_RDONLY);
}

static long descriptor_of(pid_t neighbour)
{
	return syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, neighbour, 0), 0, 0);
}

int main(int count, char **words)
{
	const char *step = count > 1 ? words[1] : "";
	const char *about = count > 2 ? words[2] : "";
	static char ring[256];
	long result;

#define STEP(name, call) \
	if (strcmp(step, name) == 0) { \
		result = call; \
		printf("%s: %ld (%s)\n", name, result, result < 0 ? strerror(errno) : "done"); \
		return 0; \
	}
	STEP("ptrace", ptrace(PTRACE_ATTACH, atoi(about), NULL, NULL))
	STEP("mount", mount("none", "/mnt", "tmpfs", 0, NULL))
	STEP("unshare", unshare(CLONE_NEWNS))
	STEP("setns", setns(open("/proc/1/ns/uts", O_RDONLY), CLONE_NEWUTS))
	STEP("packet", socket(AF_PACKET, SOCK_RAW, 0))
	STEP("raw", socket(AF_INET, SOCK_RAW, 255))
	STEP("engine", engine_socket())
	STEP("memory", neighbour_memory(atoi(about), O_WRONLY))
	STEP("module", syscall(SYS_init_module, "", 0, ""))
	STEP("keyctl", syscall(SYS_keyctl, 0, -3, 0))
	STEP("bpf", bpf_map())
	STEP("kexec", syscall(SYS_kexec_load, 0, 0, NULL, 0))
	STEP("pivot", syscall(SYS_pivot_root, "/tmp", "/tmp"))
	STEP("process-vm", neighbour_bytes(atoi(about)))
	STEP("userfaultfd", syscall(SYS_userfaultfd, 0))
	STEP("perf", perf_event())
	STEP("packet-wide", syscall(SYS_socket, 0x100000000 | AF_PACKET, SOCK_RAW, 0))
	STEP("packet-old", socket(AF_INET, SOCK_PACKET, htons(3)))
	STEP("engine-by-link", engine_socket_by_link())
	STEP("memory-by-folder", memory_by_folder(atoi(about)))
	STEP("process-vm-covered", covered_bytes(atoi(about)))
	STEP("memory-covered", covered_memory(atoi(about)))
	STEP("flooded", flooded("/nowhere/shadow", atoi(about),
				count > 3 ? atoi(words[3]) : 300000))
	STEP("crowded", crowded())
	STEP("pidfd-getfd", descriptor_of(atoi(about)))
	STEP("open-tree", syscall(SYS_open_tree, AT_FDCWD, "/", 1))
	STEP("iopl", syscall(SYS_iopl, 3))
	STEP("io-uring", syscall(SYS_io_uring_setup, 1, ring))
	STEP("setuid", setuid(0))
	STEP("reverse-shell", reverse_shell(about))
	STEP("from-memory", from_memory())
	return 2;
}

/* What the program in the kernel and its loader tell each other. */
#pragma once

/* Call numbers counted one by one; whatever lies beyond is counted under the last. */
#define NUMBERS 512
#define CONTAINERS 512
#define NOBODY 0xffffffffu
#define NATIVE 0
#define COMPAT 1

#define NAME_LENGTH 64
#define NAMES 10
#define TEXT_LENGTH 256
#define ARGUMENTS_LENGTH 512

/*
 * Single events of one container that one CPU hands over in a second, of each kind apart, so that what
 * comes in crowds hides nothing of another kind; the rest is counted as lost.
 */
#define EVENTS_A_SECOND 200

enum kind_of_event {
	/* Programs that start: a build starts hundreds. */
	EVENT_START = 0,
	/* Files, sockets and identities that may matter. */
	EVENT_PATH,
	/* Calls that containers hardly ever make. */
	EVENT_GRAVE,
	EVENT_KINDS,
};

/* How the arguments of a call are to be looked at; 0 for a call that is only counted. */
enum look {
	LOOK_NOT = 0,
	LOOK_ALWAYS,
	LOOK_PTRACE,
	LOOK_PROCESS_VM,
	LOOK_SOCKET,
	LOOK_CONNECT,
	LOOK_SOCKETCALL,
	LOOK_SETUID,
	LOOK_SETREUID,
	LOOK_SETRESUID,
	LOOK_OPEN,
	LOOK_OPENAT,
	LOOK_OPENAT2,
};

/* One container's counts on one CPU. They only rise, modulo 2^32. */
struct tally {
	__u32 calls[2][NUMBERS];
	__u32 refused[2][NUMBERS];
	__u64 window_ns;
	__u32 events[EVENT_KINDS];
	__u32 lost[EVENT_KINDS];
};

/* Written by both sides, through shared memory, which holds nothing else. */
#define CONTROL_SECTION ".data.control"
struct control {
	/* Rises when the set of watched cgroups changes: what was found out before is found out anew. */
	__u32 generation;
	/* The loader's process, whose calls show that the program still runs. */
	__u32 loader;
	__u64 beats;
	/* Whether the container has been counted for since the loader last cleared this. */
	__u32 dirty[CONTAINERS];
};

/* What was found out about a cgroup: its container's slot, valid for one generation. */
struct slot_of_cgroup {
	__u32 generation;
	__u32 slot;
};

/* The calls that have numbers of their own in the x32 way to call x86-64, from the first of these on. */
#define X32_FIRST 512
#define X32_CALLS 36

/*
 * Handed to the program before it is loaded. They lie apart, so that no constant of the program's own
 * moves them.
 */
#define SETTINGS_SECTION ".rodata.settings"
struct settings {
	/* Compiled into both sides: see FORM. */
	__u32 form[4];
	/* Which native calls those of x32 are. */
	__u16 native_of_x32[X32_CALLS];
	/* Whether the cgroups are those of version 2. */
	__u8 unified;
	__u8 looks[2][NUMBERS];
};

/* A path as the names of its parts, the last part first. */
struct parts {
	__u32 count;
	__u32 complete;
	char names[NAMES][NAME_LENGTH];
};

/* What a standard file is, as far as it matters. */
enum standard {
	STANDARD_OTHER = 0,
	STANDARD_NETWORK,
	STANDARD_LOCAL,
};

/* The other end of a socket: AF_INET or AF_INET6, else 0; in the order of the network. */
struct remote {
	__u16 family;
	__u16 port;
	__u8 address[16];
};

struct event {
	__u32 slot;
	__u32 is_start;
	__u32 pid;
	__u32 parent;
	__u32 uid;
	__u32 compat;
	__u32 number;
	__u32 look;
	/* Start: came from outside. Call: done to itself or to a child of its own. */
	__u32 flag;
	/* Start: it runs as root and nobody who is root started it: the program's set-uid bit did that. */
	__u32 gains_root;
	/* The process's id as it knows it itself. */
	__u32 own_id;
	__s64 result;
	__u64 arguments[3];
	__s64 program_changed_s;
	/* Names that the program's file still has; none for one in memory or removed. */
	__u32 program_links;
	__u32 parent_uid;
	/* Start: what standard input and output are, and the parent's input. See enum standard. */
	__u32 input;
	__u32 output;
	__u32 parent_input;
	struct remote remote;
	struct parts program;
	struct parts parent_program;
	struct parts file;
	/* Whether the file lies in a /proc. */
	__u32 in_proc;
	char comm[16];
	__u32 text_length;
	/* Start: the arguments, each ended by a zero. Call: the path as it was handed over. */
	char text[ARGUMENTS_LENGTH];
};

/* Sizes of what goes from side to side. A program of another form than its loader's would count nothing. */
#define FORM                                                                                       \
	{                                                                                          \
		sizeof(struct settings), sizeof(struct control), sizeof(struct tally),             \
			sizeof(struct event)                                                       \
	}

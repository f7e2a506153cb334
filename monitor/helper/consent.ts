/** What a person is told before the helper is installed. */
export const consentText = `The helper is a container of Sentra's own on the engine's host. It is root there: it sees every
process, can enter every network, change firewall rules and load programs into the kernel. Whoever
controls it controls the machine. It needs that to count system calls and to guard egress where
Sentra itself is not root.

What keeps it in bounds: its capabilities are SYS_ADMIN, SYS_PTRACE, NET_ADMIN, NET_RAW, SETUID and
SETGID and no more, its root is read-only, it listens on no port, only you and root reach its socket
and no container does, and it takes a closed list of requests, none of which runs a command. It is
never watched or acted upon. It stays until: sentra helper remove
`;

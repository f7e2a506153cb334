import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, runScript } from './project.mjs';

const HELPER = join(root, 'helper');
const SOURCES = [
  HELPER,
  join(HELPER, 'source'),
  join(root, 'monitor', 'sensors', 'syscalls', 'kernel'),
  join(root, 'monitor', 'egress', 'kernel'),
  join(root, 'monitor', 'sensors', 'gvisor', 'receiver'),
];
const FOLDER = join(root, 'dist', 'helper');
const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' };
const TOOLS = [
  '/usr/sbin/nft',
  '/usr/sbin/dnsmasq',
  '/usr/bin/clang',
  '/usr/include/bpf/libbpf.h',
  '/usr/include/nettle/gcm.h',
];

const digestOf = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Changes with the sources, and with the programs that are taken from the machine. */
function stampOf() {
  const hash = createHash('sha256').update(process.arch);
  hash.update(readFileSync(import.meta.filename));
  for (const folder of SOURCES) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (!entry.isFile()) continue;
      hash.update(entry.name).update(readFileSync(join(folder, entry.name)));
    }
  }
  for (const tool of TOOLS) hash.update(`${tool} ${statSync(tool).mtimeMs}\n`);
  return hash.digest('hex');
}

/** Runs a program; throws with the last lines of what it said when it fails. */
function run(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status === 0) return;
  const said = `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`.trim();
  throw new Error(`${command} failed: ${said.split('\n').slice(-3).join(' ')}`);
}

/** Packs a folder so that the same content gives the same bytes. */
function pack(folder, file, names) {
  run('tar', [
    ...['--create', '--file', file, '--directory', folder, '--format=ustar', '--sort=name'],
    ...['--owner=0', '--group=0', '--numeric-owner', '--mtime=@0', ...names],
  ]);
}

/** What an engine needs to know of an image with that one layer. */
function configurationOf(layer) {
  return JSON.stringify({
    architecture: ARCHITECTURES[process.arch],
    os: 'linux',
    created: '1970-01-01T00:00:00Z',
    config: { Entrypoint: ['/usr/lib/sentra/sentra-helper'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layer}`] },
    history: [{ created: '1970-01-01T00:00:00Z', created_by: 'helper/collect.sh' }],
  });
}

function build(aside) {
  mkdirSync(aside, { recursive: true });
  run('sh', [join(HELPER, 'collect.sh'), join(aside, 'root')]);
  const content = join(aside, 'content');
  mkdirSync(content);
  pack(join(aside, 'root'), join(content, 'layer.tar'), ['.']);
  const layer = digestOf(readFileSync(join(content, 'layer.tar')));
  const configuration = configurationOf(layer);
  const name = `${digestOf(configuration)}.json`;
  const tag = `sentra-helper:${layer.slice(0, 12)}`;
  writeFileSync(join(content, name), configuration);
  writeFileSync(
    join(content, 'manifest.json'),
    JSON.stringify([{ Config: name, RepoTags: [tag], Layers: ['layer.tar'] }]),
  );
  pack(content, join(aside, 'image.tar'), ['manifest.json', name, 'layer.tar']);
  const bytes = statSync(join(aside, 'image.tar')).size;
  writeFileSync(
    join(aside, 'image.json'),
    JSON.stringify({ tag, layer: `sha256:${layer}`, bytes }),
  );
}

/**
 * Builds the image of the helper container into dist/helper, as `docker load` takes it, when one of
 * its parts has changed. Gives the reason when that is not possible, else undefined.
 */
export function ensureHelperImage(say = (text) => process.stderr.write(`${text}\n`)) {
  if (process.platform !== 'linux' || ARCHITECTURES[process.arch] === undefined) {
    return `it needs Linux on x86-64 or arm64, not ${process.platform} on ${process.arch}`;
  }
  const absent = TOOLS.filter((path) => !existsSync(path));
  if (absent.length > 0) {
    return `${absent.join(', ')} missing (Debian: clang libbpf-dev libelf-dev zlib1g-dev nettle-dev nftables dnsmasq-base)`;
  }
  const stampFile = join(FOLDER, '.built-from');
  const stamp = stampOf();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return undefined;
  const begin = Date.now();
  const aside = `${FOLDER}-${process.pid}`;
  try {
    build(aside);
    mkdirSync(FOLDER, { recursive: true });
    for (const file of ['image.tar', 'image.json'])
      renameSync(join(aside, file), join(FOLDER, file));
    writeFileSync(stampFile, stamp);
  } catch (error) {
    return error.message;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  say(`The helper's image is built (${Date.now() - begin} ms).`);
  return undefined;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await runScript(async () => {
    const reason = ensureHelperImage();
    if (reason === undefined) return 0;
    process.stderr.write(`The helper's image could not be built: ${reason}.\n`);
    return 1;
  });
}

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
import { basename, dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureHelperImage } from './helper-image.mjs';
import { ensureKernelSensor } from './kernel-sensor.mjs';
import { refuseTagged, toOneByte } from './one-byte.mjs';
import { root, runScript, SetupError } from './project.mjs';
import { ensureDependencies } from './setup.mjs';
import { ensureWallReader } from './wall-reader.mjs';

/**
 * The monitor in one file: what `npm start` and `sentra` run. Its source map lies beside it; it is
 * not loaded (25 MB of memory) unless asked for by NODE_OPTIONS=--enable-source-maps.
 */
export const monitorBundle = join(root, 'dist', 'monitor', 'cli.mjs');

/**
 * How Node runs the monitor, from package.json: a small young generation, code kept small, and no
 * compiler of the last resort, which takes 12 MB to itself when it is first used and gave a monitor
 * of 50 or 1,000 containers nothing that could be measured. A monitor allocates little, runs for
 * weeks, and is to cost next to nothing.
 */
export const monitorFlags = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
).monitorFlags;

/**
 * Packages that dockerode loads for what Sentra never does: engines over ssh, and BuildKit sessions.
 * Left out, with a stub in their place, they cost no memory and no native code.
 */
const STUBBED = ['ssh2', 'cpu-features', '@grpc/grpc-js', '@grpc/proto-loader', 'protobufjs'];

/** Replaces those packages by modules that say so when they are used after all. */
const leaveOutUnused = {
  name: 'leave-out-unused',
  resolveId(source) {
    return STUBBED.includes(source) ? { id: `\0left-out:${source}` } : undefined;
  },
  load(id) {
    if (!id.startsWith('\0left-out:')) return undefined;
    const name = JSON.stringify(id.slice('\0left-out:'.length));
    return {
      code:
        `function leftOut() { throw new Error('The package ' + ${name} + ' is not part of this ` +
        `build of Sentra.'); }\nmodule.exports = { Client: leftOut, Server: leftOut, load: leftOut };`,
      moduleType: 'js',
    };
  },
};

/**
 * Takes Node's own modules by name and not by `import`, for which Node evaluates every export they
 * have: of `node:http` and `node:crypto` alone that loads fetch, WebSocket and WebCrypto, some
 * megabytes that nothing here uses. `node:module` is what the bundle's own first lines need.
 */
const nodeByName = {
  name: 'node-by-name',
  resolveId(source) {
    return source.startsWith('node:') && source !== 'node:module'
      ? { id: `\0${source}` }
      : undefined;
  },
  load(id) {
    if (!id.startsWith('\0node:')) return undefined;
    const name = JSON.stringify(id.slice(1));
    return { code: `module.exports = process.getBuiltinModule(${name});`, moduleType: 'js' };
  },
};

/** Every file that goes into the bundle, with its size and time: changes when one of them does. */
function sourcesStamp() {
  const hash = createHash('sha256');
  const add = (path) => {
    const { mtimeMs, size } = statSync(path);
    hash.update(`${relative(root, path)} ${mtimeMs} ${size}\n`);
  };
  const files = readdirSync(join(root, 'monitor'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  for (const path of files.sort()) add(path);
  for (const name of [
    'package-lock.json',
    'package.json',
    'scripts/build.mjs',
    'scripts/one-byte.mjs',
  ])
    add(join(root, name));
  return hash.digest('hex');
}

/** `parse` gives the syntax tree of a program, and throws where it is none. */
function rewriteInOneByte(path, parse) {
  // What the bundler adds of its own has no map.
  if (!existsSync(`${path}.map`)) return;
  const map = JSON.parse(readFileSync(`${path}.map`, 'utf8'));
  const before = readFileSync(path, 'utf8');
  const { code, mappings } = toOneByte(before, map.mappings);
  if (code === before) return;
  refuseTagged(parse(before));
  parse(code);
  writeFileSync(path, code);
  writeFileSync(`${path}.map`, JSON.stringify({ ...map, mappings }));
}

/**
 * Bundles one entry with all it imports into one file, what it imports later into files beside it,
 * each with a source map. `external` is left to whoever runs it. Throws a SetupError with the
 * compiler's words.
 */
export async function bundle(entry, file, external = []) {
  const { rolldown } = await import('rolldown');
  const { parseAst } = await import('rolldown/parseAst');
  try {
    const build = await rolldown({
      input: entry,
      platform: 'node',
      external,
      plugins: [leaveOutUnused, nodeByName],
      onLog(level, log, next) {
        // Packages that look at themselves by `eval` or refer to a missing map are not our concern.
        if (level === 'warn' && log.id?.includes('node_modules')) return;
        next(level, log);
      },
    });
    try {
      // Without comments and indentation: the text of a program stays in memory while it runs. What
      // is imported only when needed gets files of its own, for the same reason.
      const { output } = await build.write({
        dir: dirname(file),
        entryFileNames: basename(file),
        chunkFileNames: '[name]-[hash].mjs',
        format: 'esm',
        sourcemap: true,
        minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
      });
      for (const { type, fileName } of output) {
        if (type === 'chunk') rewriteInOneByte(join(dirname(file), fileName), parseAst);
      }
    } finally {
      await build.close();
    }
  } catch (error) {
    throw new SetupError(`${relative(root, entry)} could not be built:\n${error.message}`);
  }
}

/**
 * Builds the monitor when one of its sources has changed. Silent otherwise; about 10 ms then. Without
 * a kernel sensor Sentra works all the same, and shows that it is blind to system calls.
 */
export async function ensureBuilt(say = (text) => process.stderr.write(`${text}\n`)) {
  ensureKernelSensor(say);
  ensureWallReader(say);
  // Where it cannot be built, installing the helper says so.
  ensureHelperImage(say);
  const stampFile = join(root, 'dist', 'monitor', '.built-from');
  const stamp = sourcesStamp();
  const built = existsSync(monitorBundle) && existsSync(stampFile);
  if (built && readFileSync(stampFile, 'utf8') === stamp) return;
  const entry = join(root, 'monitor', 'cli.ts');
  if (!existsSync(entry)) throw new SetupError('monitor/cli.ts is missing: is this a whole clone?');
  const begin = Date.now();
  say('Building the monitor …');
  // Made aside and put in place as a whole: another start may be running the old one.
  const aside = join(root, 'dist', `.monitor-${process.pid}`);
  mkdirSync(aside, { recursive: true });
  try {
    await bundle(entry, join(aside, 'cli.mjs'));
    const folder = dirname(monitorBundle);
    mkdirSync(folder, { recursive: true });
    const old = readdirSync(folder).filter((name) => name.includes('.mjs'));
    const made = readdirSync(aside).filter((name) => !name.startsWith('cli.mjs'));
    // The entry last: whoever reads it finds all that it names.
    for (const name of [...made, 'cli.mjs.map', 'cli.mjs']) {
      renameSync(join(aside, name), join(folder, name));
    }
    const present = new Set([...made, 'cli.mjs.map', 'cli.mjs']);
    for (const name of old) if (!present.has(name)) rmSync(join(folder, name), { force: true });
    writeFileSync(`${stampFile}.${process.pid}`, stamp);
    renameSync(`${stampFile}.${process.pid}`, stampFile);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  say(`The monitor is built (${Date.now() - begin} ms).`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await runScript(async () => {
    await ensureDependencies();
    await ensureBuilt();
    return 0;
  });
}

import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle } from './build.mjs';
import { root, runScript, SetupError } from './project.mjs';
import { ensureDependencies } from './setup.mjs';

/** What the tray app is made of; each part says what goes into it and how it is made. */
const parts = {
  monitor: {
    sources: ['monitor'],
    result: join('monitor', 'process.mjs'),
    // With its own folder: the command line's bundle has parts of the same names beside it.
    make: (folder) => bundle(join(root, 'monitor', 'process.ts'), join(folder, 'process.mjs')),
  },
  // What `sentra disarm` of a package runs.
  command: {
    sources: ['monitor'],
    result: join('command', 'cli.mjs'),
    make: (folder) => bundle(join(root, 'monitor', 'cli.ts'), join(folder, 'cli.mjs')),
  },
  main: {
    sources: ['main', 'preload', 'monitor/rpc', 'monitor/model', 'monitor/runtime'],
    result: join('main', 'index.mjs'),
    make: (folder) =>
      bundle(join(root, 'main', 'index.ts'), join(folder, 'index.mjs'), ['electron']),
  },
  preload: {
    sources: ['preload'],
    result: join('preload', 'index.cjs'),
    make: bundlePreload,
  },
  renderer: {
    sources: ['renderer', 'preload', 'monitor/rpc', 'monitor/model', 'monitor/runtime'],
    result: join('renderer', 'index.html'),
    make: bundleRenderer,
  },
  icons: {
    sources: ['build/icons'],
    result: join('icons', 'window.png'),
    make: (folder) => {
      cpSync(join(root, 'build', 'icons'), folder, { recursive: true });
    },
  },
};

/** Where the tray app is built to. */
export const appFolder = join(root, 'dist', 'app');

/** What Electron reads first: where the main process begins, and the version. */
function describePackage() {
  const { name, version, description, license } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  const main = 'main/index.mjs';
  const about = {
    name,
    productName: 'Sentra',
    version,
    description,
    license,
    type: 'module',
    main,
  };
  mkdirSync(appFolder, { recursive: true });
  writeFileSync(join(appFolder, 'package.json'), `${JSON.stringify(about, null, 2)}\n`);
}

/** A sandboxed preload can load no files and knows no modules: one file of the older kind. */
async function bundlePreload(folder) {
  const { rolldown } = await import('rolldown');
  const build = await rolldown({
    input: join(root, 'preload', 'index.ts'),
    platform: 'browser',
    external: ['electron'],
  });
  try {
    await build.write({ file: join(folder, 'index.cjs'), format: 'cjs' });
  } finally {
    await build.close();
  }
}

async function bundleRenderer(folder) {
  const { build } = await import('vite');
  // What starts the build may be a test; the page is the one that ships, with React's own for that.
  const { NODE_ENV: before } = process.env;
  process.env.NODE_ENV = 'production';
  try {
    await build({
      root: join(root, 'renderer'),
      configFile: false,
      logLevel: 'warn',
      build: {
        outDir: folder,
        emptyOutDir: true,
        target: 'chrome150',
        // The polyfill is an inline script in old browsers; ours is one, and new.
        modulePreload: { polyfill: false },
        assetsInlineLimit: 0,
        reportCompressedSize: false,
        // One page, loaded from the disk: to split it would only cost.
        chunkSizeWarningLimit: 2000,
        rolldownOptions: {
          onLog(level, log, next) {
            // Marks for servers of React, which mean nothing in a page.
            if (log.code !== 'MODULE_LEVEL_DIRECTIVE') next(level, log);
          },
        },
      },
    });
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
}

function stampOf(sources) {
  const hash = createHash('sha256');
  const files = sources.flatMap((source) =>
    readdirSync(join(root, source), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const own = ['build.mjs', 'build-shell.mjs', 'one-byte.mjs'].map((name) => `scripts/${name}`);
  const all = ['package.json', 'package-lock.json', ...own].map((name) => join(root, name));
  for (const path of [...files.sort(), ...all]) {
    const { mtimeMs, size } = statSync(path);
    hash.update(`${relative(root, path)} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex');
}

/**
 * Builds those parts of the tray app whose sources have changed, into dist/app. Silent when there is
 * nothing to do. Throws a SetupError with the compiler's words.
 */
export async function ensureShellBuilt(say = (text) => process.stderr.write(`${text}\n`)) {
  describePackage();
  for (const [name, { sources, result, make }] of Object.entries(parts)) {
    const stampFile = join(appFolder, `.${name}-built-from`);
    const stamp = stampOf(sources);
    const isBuilt = existsSync(join(appFolder, result)) && existsSync(stampFile);
    if (isBuilt && readFileSync(stampFile, 'utf8') === stamp) continue;
    const begin = Date.now();
    // Made aside and put in place as a whole: another start may be running the old one.
    const aside = join(appFolder, `.${name}-${process.pid}`);
    rmSync(aside, { recursive: true, force: true });
    mkdirSync(aside, { recursive: true });
    try {
      await make(aside);
      rmSync(join(appFolder, name), { recursive: true, force: true });
      renameSync(aside, join(appFolder, name));
      writeFileSync(stampFile, stamp);
    } catch (error) {
      throw error instanceof SetupError
        ? error
        : new SetupError(`The part "${name}" could not be built:\n${error.message}`);
    } finally {
      rmSync(aside, { recursive: true, force: true });
    }
    say(`Built the tray app’s ${name} (${Date.now() - begin} ms).`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await runScript(async () => {
    await ensureDependencies();
    await ensureShellBuilt();
    return 0;
  });
}

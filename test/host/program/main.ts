import { readFileSync } from 'node:fs';
import { open } from 'node:inspector';
import { createRequire, registerHooks } from 'node:module';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { z } from 'zod';
import { launchChromium } from '../browser.ts';
import { createHost } from '../host.ts';
import { readProgramLine } from './command-line.ts';
import { openChromium } from './devtools.ts';
import type { OpenChromium } from './devtools.ts';
import { openInstanceLock } from './instance-lock.ts';

// The stand-in for Electron as a program: takes Electron's command line, runs an unchanged main
// process, and can be driven by Playwright as Electron is. It never says that it is Electron:
// `process.versions.electron` stays undefined.

const packageSchema = z.looseObject({
  name: z.string(),
  productName: z.string().optional(),
  version: z.string(),
  main: z.string(),
});

const program = join(import.meta.dirname, 'electron');
const words = process.argv.slice(2);

async function run(): Promise<number> {
  const line = readProgramLine(words);
  if (line.asksVersion) {
    process.stdout.write(`stand-in for Electron, on Node ${process.versions.node}\n`);
    return 0;
  }
  if (line.app === undefined) {
    process.stderr.write('The stand-in for Electron runs an app: name its folder.\n');
    return 1;
  }
  const appPath = resolve(line.app);
  const about = packageSchema.parse(
    JSON.parse(readFileSync(join(appPath, 'package.json'), 'utf8')) as unknown,
  );
  // Says itself where it listens, in the words that Electron has from Node too.
  if (line.inspectPort !== undefined) open(line.inspectPort, '127.0.0.1');
  const appData = process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config');
  const userData = join(appData, about.productName ?? about.name);
  const lock = await openInstanceLock(userData, (others) => host.app.startSecond(others));

  const loaded = Promise.withResolvers<undefined>();
  let opened: OpenChromium | undefined;
  const host = createHost({
    folder: userData,
    version: about.version,
    program: {
      appPath,
      pathOf: (name) =>
        ({ userData, appData, exe: program, home: homedir() })[name] ?? join(userData, name),
      takeLock: () => lock.take([program, ...words]),
      loaded: loaded.promise,
      launch: () =>
        opened === undefined ? launchChromium(true) : chromium.connectOverCDP(opened.address),
    },
  });
  const quit = (): void => host.electron.app.quit();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, quit);
  if (line.inspectPort !== undefined) onceOrphaned(quit);

  provideElectron({ ...host.electron, webContents: host.webContents });
  process.argv = [program, ...words];
  const require = createRequire(import.meta.url);
  for (const module of line.modules) require(resolve(module));
  if (line.devToolsPort !== undefined) {
    opened = await openChromium(line.devToolsPort, userData);
    process.stderr.write(`\nDevTools listening on ${opened.address}\n`);
  }
  try {
    await import(pathToFileURL(join(appPath, about.main)).href);
    loaded.resolve(undefined);
  } catch (error) {
    process.stderr.write(`App threw an error during load\n${String(error)}\n`);
    return 1;
  }
  const code = await host.app.ended;
  await host.close();
  await opened?.close();
  await lock.close();
  return code;
}

/** Calls `act` when what started this process is gone: nobody else would end what a test drives. */
function onceOrphaned(act: () => void): void {
  const parent = process.ppid;
  const look = (): void => {
    if (process.ppid === parent) setTimeout(look, 1000).unref();
    else act();
  };
  look();
}

/** Whoever asks for `electron`, by `require` or by `import`, gets the stand-in. */
function provideElectron(api: object): void {
  Object.assign(globalThis, { [Symbol.for('stand-in for Electron')]: api });
  const url = pathToFileURL(join(import.meta.dirname, 'electron-module.cjs')).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'electron'
        ? { url, format: 'commonjs', shortCircuit: true }
        : next(specifier, context),
  });
}

process.exit(await run());

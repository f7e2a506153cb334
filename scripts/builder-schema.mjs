import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, runScript } from './project.mjs';
import { npmCommand } from './setup.mjs';

/** The package of electron-builder that holds its schema; the version electron-builder.yml is for. */
const NAME = 'app-builder-lib';
const VERSION = '26.17.0';

/** What the tarball has to be, so that a registry cannot hand over another one. */
const INTEGRITY =
  'sha512-wfL7EhujuODDW3uMSD8RPcr/MLzmT0dmpVfWV0wFUWXI0rIdaukzAJ7EFUSyHXOpxuBZqaIGlQt6VeQhtHhetw==';

/** How long the tarball may take, in milliseconds. */
const PATIENCE_MS = 30_000;

/** Where the JSON schema of electron-builder's configuration lies once it was fetched. */
export const builderSchemaFile = join(root, '.cache', `electron-builder-${VERSION}.schema.json`);

/** Runs a program to its end. Gives why it failed, in one line; undefined when it did not. */
function run({ command, args, shell = false }, cwd) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, shell, stdio: ['ignore', 'ignore', 'pipe'] });
    const output = [];
    child.stderr.on('data', (chunk) => output.push(chunk));
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve(error.message);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) return resolve(undefined);
      if (signal === 'SIGKILL') return resolve(`it took more than ${PATIENCE_MS / 1000} s`);
      const said = Buffer.concat(output)
        .toString()
        .replaceAll(/npm error |\s+/g, ' ')
        .trim();
      resolve(said.slice(0, 300) || `it ended with ${code}`);
    });
  });
}

/** The digest of these bytes as npm writes it. */
const integrityOf = (bytes) => `sha512-${createHash('sha512').update(bytes).digest('base64')}`;

/** Fetches and unpacks in a folder; gives why that failed, or undefined when scheme.json is in it. */
async function unpackInto(folder) {
  const wanted = `${NAME}@${VERSION}`;
  // The tarball alone: the package would bring 150 others.
  const options = ['--ignore-scripts', '--prefer-offline', '--fetch-retries=0', '--loglevel=error'];
  const failure = await run(npmCommand(['pack', wanted, ...options]), folder);
  if (failure !== undefined) return `npm could not fetch ${wanted}: ${failure}`;
  const [tarball] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  if (tarball === undefined) return `npm put no tarball of ${wanted} there`;
  const found = integrityOf(readFileSync(join(folder, tarball)));
  if (found !== INTEGRITY) return `the tarball of ${wanted} was refused: it is ${found}`;
  const unpacked = await run(
    { command: 'tar', args: ['-xzf', tarball, 'package/scheme.json'] },
    folder,
  );
  return unpacked === undefined ? undefined : `tar could not unpack ${wanted}: ${unpacked}`;
}

/**
 * Fetches the schema of electron-builder's configuration, once a version. Gives the reason when that
 * is not possible, else undefined.
 */
export async function ensureBuilderSchema(
  say = (text) => process.stderr.write(`${text}\n`),
  file = builderSchemaFile,
) {
  if (existsSync(file)) return undefined;
  mkdirSync(dirname(file), { recursive: true });
  const folder = mkdtempSync(`${file}.`);
  try {
    const failure = await unpackInto(folder);
    if (failure !== undefined) return failure;
    renameSync(join(folder, 'package', 'scheme.json'), file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  say(`The schema of electron-builder ${VERSION} is fetched.`);
  return undefined;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await runScript(async () => {
    const reason = await ensureBuilderSchema();
    if (reason !== undefined) process.stderr.write(`${reason}\n`);
    return reason === undefined ? 0 : 1;
  });
}

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';

const cli = join(import.meta.dirname, '../../../monitor/cli.ts');

/** Listens at the path it is given, and dies without a word. */
export const dyingServer =
  "require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))";

/** How `sentra watch` ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A person with a home of their own, in which docker's settings lead to no engine that runs. */
export interface EnginelessPerson {
  readonly home: string;
  /** Has `docker context use colima` been said, and its engine be said to listen there. */
  useContext(address: string): void;
  /** Runs `sentra watch`; `prefix` is put before the command line. */
  watch(
    words: readonly string[],
    variables?: Readonly<Record<string, string>>,
    prefix?: readonly string[],
  ): Ended;
  leave(): void;
}

/** A socket that outlives whoever listened on it, as that of an engine that was killed does. */
export function leaveSocket(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  expect(spawnSync(process.execPath, ['-e', dyingServer, path]).signal).toBe('SIGKILL');
}

export function enginelessPerson(): EnginelessPerson {
  const home = mkdtempSync(join(tmpdir(), 'sentra-home-'));
  const settings = join(home, '.docker');
  return {
    home,
    useContext(address) {
      const id = createHash('sha256').update('colima').digest('hex');
      const folder = join(settings, 'contexts', 'meta', id);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(settings, 'config.json'), '{"currentContext":"colima"}');
      const meta = { Name: 'colima', Endpoints: { docker: { Host: address } } };
      writeFileSync(join(folder, 'meta.json'), JSON.stringify(meta));
    },
    watch(words, variables = {}, prefix = []) {
      const environment = {
        PATH: process.env['PATH'] ?? '',
        HOME: home,
        SENTRA_STATE: join(home, 'state'),
        XDG_RUNTIME_DIR: join(home, 'run'),
        ...variables,
      };
      const [program = '', ...args] = [
        ...prefix,
        ...['env', '-i', ...Object.entries(environment).map(([name, value]) => `${name}=${value}`)],
        ...[process.execPath, cli, 'watch', ...words],
      ];
      return spawnSync(program, args, { encoding: 'utf8', timeout: 60_000 });
    },
    leave: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** It said that there is no engine, and showed the simulator, marked on every line. */
export function expectSimulation({ status, stdout, stderr }: Ended): void {
  expect(stderr).toContain('No engine answers.');
  expect(stderr).toContain('SIMULATED: what follows is the embedded simulator.');
  expect(status).toBe(0);
  for (const line of stdout.trimEnd().split('\n')) expect(line).toMatch(/^SIMULATED /);
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommand } from '../../../monitor/cli/run.ts';
import { lockFile } from '../../../monitor/rpc/socket/control-folder.ts';
import { describeWith } from '../../engine/capabilities.ts';
import { createMemoryTerminal } from '../cli/memory-terminal.ts';

/** Who is known on every machine and is nobody's login: daemon. */
const person = { uid: 1, gid: 1 };
const holder = fileURLToPath(new URL('../runtime/lock-holder.ts', import.meta.url));

describeWith(['root'], 'Root, who disarms', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sentra-others-'));
    chmodSync(folder, 0o755);
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('declines beside the monitor of another person, which would put the walls up again', async () => {
    const control = join(folder, 'control');
    mkdirSync(control, { mode: 0o700 });
    chownSync(control, person.uid, person.gid);
    const monitor = spawn(process.execPath, [holder, lockFile(control, 'ENGINE-1')], {
      ...person,
      cwd: '/',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [said] = (await once(monitor.stdout, 'data')) as [Buffer];
      expect(said.toString()).toBe('held\n');
      const terminal = createMemoryTerminal();
      const code = await runCommand(['disarm', '--yes'], {
        terminal,
        surroundings: {
          environment: { SENTRA_STATE: join(folder, 'root') },
          platform: process.platform,
          home: folder,
        },
        uid: 0,
        temporaryFolder: tmpdir(),
        workingFolder: folder,
        start: () => Promise.reject(new Error('Nothing is watched.')),
        listStanding: () => Promise.reject(new Error('Nothing is looked for.')),
        stopped: new AbortController().signal,
      });
      expect(code).toBe(1);
      expect(terminal.complaints.join('\n')).toContain(
        `A monitor of another person runs (process ${monitor.pid} of user 1)`,
      );
      expect(terminal.written).toBe('');
    } finally {
      const ended = once(monitor, 'exit');
      monitor.kill('SIGKILL');
      await ended;
    }
  });
});

import { homedir, tmpdir } from 'node:os';
import { runCommand } from './cli/run.ts';
import { createSystemTerminal } from './cli/terminal/system-terminal.ts';
import { startMonitor } from './monitor.ts';

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Once: a second Ctrl-C ends the process at once, should stopping hang.
  process.once(signal, () => stopping.abort());
}
// Whoever read the output has had enough, as `head` has.
process.stdout.on('error', () => stopping.abort());

process.exitCode = await runCommand(process.argv.slice(2), {
  terminal: createSystemTerminal({
    input: process.stdin,
    output: process.stdout,
    errors: process.stderr,
    environment: process.env,
  }),
  surroundings: { environment: process.env, platform: process.platform, home: homedir() },
  uid: process.getuid?.(),
  temporaryFolder: tmpdir(),
  workingFolder: process.cwd(),
  start: startMonitor,
  stopped: stopping.signal,
});

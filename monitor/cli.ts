import { fstatSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { listStanding } from './cli/disarm/standing.ts';
import { runCommand } from './cli/run.ts';
import { createSystemTerminal } from './cli/terminal/system-terminal.ts';
import { startMonitor } from './monitor.ts';
import { openStandardOutputs } from './runtime/terminal-output.ts';

/** For what a terminal has not taken when the process was told to end, milliseconds. */
const lastWordsMs = 2000;

/** For what was written to leave a process that does not end by itself, milliseconds. */
const leaveMs = 300;

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Once: a second Ctrl-C ends the process at once, should stopping hang.
  process.once(signal, () => stopping.abort());
}

const outputs = openStandardOutputs(process.stdout, process.stderr);
const isJournal = leadsToJournal(process.stdout.fd);
outputs.output.on('error', () => {
  // Whoever read the output has had enough, as `head` has, and ends what it came from. The journal of
  // a service is nobody who reads: that it is started anew is no reason to watch no more. Nor is the
  // loss of standard error, whatever it was.
  if (!isJournal) stopping.abort();
});

process.exitCode = await runCommand(process.argv.slice(2), {
  terminal: createSystemTerminal({
    ...outputs,
    input: process.stdin,
    shown: process.stdout,
    environment: process.env,
  }),
  surroundings: { environment: process.env, platform: process.platform, home: homedir() },
  uid: process.getuid?.(),
  temporaryFolder: tmpdir(),
  workingFolder: process.cwd(),
  start: startMonitor,
  listStanding,
  stopped: stopping.signal,
});

// What is written to a terminal that takes nothing keeps the process alive: not for ever, if it was
// told to end. (Ctrl-C itself makes a terminal take what was held by Ctrl-S.)
if (stopping.signal.aborted && process.stdout.isTTY) {
  setTimeout(() => process.exit(), lastWordsMs).unref();
}

// Electron's utility process stays when nothing is left to do; what was written is to leave first.
if ('parentPort' in process) setTimeout(() => process.exit(), leaveMs);

/** Whether systemd says that this descriptor leads to its journal. */
function leadsToJournal(descriptor: number): boolean {
  const journal = process.env['JOURNAL_STREAM'];
  if (journal === undefined) return false;
  const { dev, ino } = fstatSync(descriptor);
  return journal === `${dev}:${ino}`;
}

/**
 * Keeps one private engine. Runs as root in a session of its own, so that no Ctrl-C reaches it;
 * when its standard input closes, because its parent asked, ended or was killed, it removes the
 * engine and everything it made, then ends.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { addressesOf, chooseBlock, uplinks } from './address-block.ts';
import { cgroupName, type Daemon, socketOf, startDaemon } from './engine-daemon.ts';
import { COVERED_DIRECTORIES, startHolder } from './engine-namespace.ts';
import { connectNetwork, forwardingFile, forwardingToChange } from './engine-network.ts';
import {
  currentBootId,
  type EngineRecord,
  engineDirectory,
  newEngineId,
  readRecords,
  withEngineLock,
  writeRecord,
} from './engine-record.ts';
import { removeEngine, removeLeftovers } from './engine-removal.ts';
import { identify, isAlive, signalProcess, waitUntil } from './process-table.ts';
import {
  type EngineState,
  type SupervisorAnswer,
  type SupervisorCommand,
  supervisorCommand,
  supervisorOptions,
} from './supervisor-protocol.ts';

const options = supervisorOptions.parse(JSON.parse(process.argv[2] ?? '{}'));
const id = newEngineId();
const directory = engineDirectory(id);

function answer(message: SupervisorAnswer): void {
  try {
    writeSync(1, `${JSON.stringify(message)}\n`);
  } catch (error) {
    // The parent is gone; the end of standard input says so too and starts the removal.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}

/** Claims addresses and writes the record, before anything of the host is changed. */
function claim(devices: readonly string[]): Promise<EngineRecord> {
  return withEngineLock(async () => {
    const others = readRecords();
    const supervisor = identify(process.pid);
    if (supervisor === undefined) throw new Error('This process is not in /proc.');
    // What another engine has changed already must be put back by whichever of both ends last.
    const sysctls = forwardingToChange(devices);
    const directories = COVERED_DIRECTORIES.filter((path) => !existsSync(path)) as string[];
    for (const { shared } of others) {
      for (const device of devices) {
        const before = shared.sysctls[forwardingFile(device)];
        if (before !== undefined) sysctls[forwardingFile(device)] = before;
      }
      directories.push(...shared.directories);
    }
    const record: EngineRecord = {
      version: 1,
      id,
      bootId: currentBootId(),
      supervisor,
      block: await chooseBlock(new Set(others.map(({ block }) => block))),
      shared: { directories: [...new Set(directories)], sysctls },
    };
    mkdirSync(directory, { mode: 0o711 });
    writeRecord(record);
    for (const path of COVERED_DIRECTORIES) mkdirSync(path, { recursive: true });
    return record;
  });
}

let record: EngineRecord | undefined;
let holderPid = 0;
let daemon: Daemon | undefined;
let startAgain: (() => Promise<Daemon>) | undefined;

function state(block: number): EngineState {
  const { host, engine } = addressesOf(block);
  return {
    engineId: id,
    directory,
    socketPath: socketOf(directory),
    hostAddress: host,
    engineAddress: engine,
    cgroupParent: cgroupName(id),
    supervisorPid: process.pid,
    holderPid,
    dockerdPid: daemon?.dockerdPid ?? 0,
    containerdPid: daemon?.containerdPid ?? 0,
  };
}

async function start(): Promise<EngineState> {
  await removeLeftovers();
  const { devices, mtu } = await uplinks();
  record = await claim(devices);
  const { block } = record;
  holderPid = await startHolder(id, directory);
  await connectNetwork({ id, block, holderPid, mtu, uplinks: devices });
  const { group, daemonArguments: extraArguments } = options;
  const holder = holderPid;
  startAgain = () =>
    startDaemon({ id, directory, holderPid: holder, block, mtu, group, extraArguments });
  daemon = await startAgain();
  return state(block);
}

async function endDaemon(signal: NodeJS.Signals): Promise<void> {
  if (daemon === undefined) return;
  const containerd = identify(daemon.containerdPid);
  // A stopped process does not see SIGTERM.
  signalProcess(daemon.dockerdPid, 'SIGCONT');
  signalProcess(daemon.dockerdPid, signal);
  await daemon.exited;
  // It ends by itself, a moment later; what is started before would take it for its own.
  await waitUntil(() => containerd === undefined || !isAlive(containerd), 5000);
  daemon = undefined;
}

async function startIfDown(): Promise<void> {
  daemon ??= await startAgain?.();
}

/** SIGSTOP, and waits until every thread stands still: until then it may answer once more. */
async function stopStill(pid: number): Promise<void> {
  signalProcess(pid, 'SIGSTOP');
  await waitUntil(() => threadStates(pid).every((state) => state === 'T'), 5_000);
}

/** One letter for each thread of the process, as in proc(5). */
function threadStates(pid: number): readonly string[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const text = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    return text.charAt(text.lastIndexOf(')') + 2);
  });
}

async function carryOut(command: SupervisorCommand): Promise<void> {
  switch (command) {
    case 'stop-daemon':
      return endDaemon('SIGTERM');
    case 'kill-daemon':
      return endDaemon('SIGKILL');
    case 'start-daemon':
      return startIfDown();
    case 'restart-daemon':
      await endDaemon('SIGTERM');
      return startIfDown();
    case 'pause-daemon':
      if (daemon !== undefined) await stopStill(daemon.dockerdPid);
      return;
    case 'resume-daemon':
      if (daemon !== undefined) signalProcess(daemon.dockerdPid, 'SIGCONT');
      return;
    case 'stop':
      return end(0);
  }
}

let starting: Promise<unknown> = Promise.resolve();
let ending: Promise<void> | undefined;

/** Removes everything once, however often and from however many sides it is asked. */
function end(code: number): Promise<void> {
  ending ??= (async () => {
    // A half made engine is removed when its making has ended, so that nothing is made afterwards.
    await starting.catch(() => undefined);
    if (record !== undefined) await removeEngine(record);
  })();
  return ending.then(
    () => {
      process.exitCode = code;
      setImmediate(() => process.exit());
    },
    (error: unknown) => {
      process.stderr.write(`The test engine ${id} could not be removed: ${String(error)}\n`);
      process.exitCode = 1;
      setImmediate(() => process.exit());
      throw error;
    },
  );
}

async function obey(line: string): Promise<void> {
  const { id: number, command } = supervisorCommand.parse(JSON.parse(line));
  try {
    await carryOut(command);
    answer({ id: number, ...(record && { state: state(record.block) }) });
  } catch (error) {
    answer({ id: number, error: String(error) });
  }
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  process.on(signal, () => void end(0));
}
process.on('uncaughtException', (error) => {
  process.stderr.write(`${error.stack ?? error.message}\n`);
  void end(1);
});
// Commands are obeyed one after the other, in the order they came.
let line: Promise<void> = Promise.resolve();
const input = createInterface({ input: process.stdin });
input.on('line', (text) => {
  line = line.then(() => obey(text));
});
input.on('close', () => void end(0));
process.stdout.on('error', () => void end(0));

const begun = start();
starting = begun;
try {
  answer({ id: 0, state: await begun });
} catch (error) {
  answer({ id: 0, error: error instanceof Error ? error.message : String(error) });
  await end(1);
}

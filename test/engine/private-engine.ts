import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type ImageName, importImages } from './images.ts';
import { asRoot } from './privilege.ts';
import {
  type EngineState,
  type SupervisorAnswer,
  type SupervisorCommand,
  supervisorAnswer,
} from './supervisor-protocol.ts';

/** How an engine is started. */
export interface PrivateEngineOptions {
  /** Further arguments for dockerd, for example `['--live-restore']`. */
  readonly daemonArguments?: readonly string[];
  /** The images to import; only the small busybox by default. */
  readonly images?: readonly ImageName[];
  /** Put before the supervisor's command line, for example `['nsenter', '-t', '12', '-n']`. */
  readonly prefix?: readonly string[];
}

/**
 * A Docker engine of its own: socket, data, containerd, network and mount namespace, addresses.
 * Its containers are seen from the host under /proc and /sys/fs/cgroup.
 */
export interface PrivateEngine {
  readonly engineId: string;
  readonly socketPath: string;
  /** `unix://` and the socket's path, as DOCKER_HOST wants it. */
  readonly host: string;
  readonly dataRoot: string;
  /** Where the engine's containers reach servers that listen on the host. */
  readonly hostAddress: string;
  /** Where the host reaches published ports. */
  readonly engineAddress: string;
  /** The folder of the engine's containers at the top of each control group hierarchy. */
  readonly cgroupParent: string;
  readonly supervisorPid: number;
  /** A process that lives in the engine's network and mount namespace as long as the engine. */
  readonly holderPid: number;
  /** 0 while dockerd is down. */
  readonly dockerdPid: number;
  /** 0 while dockerd is down. */
  readonly containerdPid: number;
  /** Removes the engine and everything in it. May be called twice. */
  stop(): Promise<void>;
  /** Ends dockerd with SIGTERM, as a package update does, and starts it again. */
  restart(): Promise<void>;
  /** Ends dockerd with SIGTERM; it stops its containers. The engine stays down. */
  stopDaemon(): Promise<void>;
  /** Starts dockerd after {@link stopDaemon} or {@link kill9}. */
  startDaemon(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing answers. */
  pauseDaemon(): Promise<void>;
  /** SIGCONT after {@link pauseDaemon}. */
  resumeDaemon(): Promise<void>;
  /** SIGKILL to dockerd, which takes containerd with it. The engine stays down. */
  kill9(): Promise<void>;
}

/** The supervisor as its parent holds it. */
interface Supervisor {
  readonly child: ChildProcess;
  state: EngineState;
  ask(command: SupervisorCommand): Promise<void>;
}

const SUPERVISOR = fileURLToPath(new URL('./supervisor.ts', import.meta.url));
const CLEAN = fileURLToPath(new URL('./remove-leftovers.ts', import.meta.url));

async function startSupervisor(options: PrivateEngineOptions): Promise<Supervisor> {
  const settings = JSON.stringify({
    group: process.getgid?.() ?? 0,
    daemonArguments: options.daemonArguments ?? [],
  });
  const [command = '', ...args] = asRoot([
    ...(options.prefix ?? []),
    process.execPath,
    SUPERVISOR,
    settings,
  ]);
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  const pending = new Map<number, (answer: SupervisorAnswer) => void>();
  let ended = false;
  child.on('exit', () => {
    ended = true;
    for (const [id, settle] of pending) settle({ id, error: 'The supervisor ended.' });
  });
  // Writing to a supervisor that has ended: its exit answers what is pending.
  child.stdin.on('error', () => undefined);
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = supervisorAnswer.parse(JSON.parse(line));
    pending.get(answer.id)?.(answer);
    pending.delete(answer.id);
  });
  let last = 0;
  function expect(id: number): Promise<EngineState | undefined> {
    return new Promise((resolve, reject) => {
      pending.set(id, ({ error, state }) => {
        if (error === undefined) resolve(state);
        else reject(new Error(error));
      });
    });
  }
  const state = await expect(0);
  if (state === undefined) throw new Error('The supervisor told nothing about its engine.');
  const supervisor: Supervisor = {
    child,
    state,
    async ask(name) {
      if (ended) throw new Error('The supervisor has ended.');
      const id = ++last;
      const answered = expect(id);
      child.stdin.write(`${JSON.stringify({ id, command: name })}\n`);
      supervisor.state = (await answered) ?? supervisor.state;
    },
  };
  return supervisor;
}

/** Starts a private engine; about two seconds. Throws with the reason when it cannot. */
export async function startPrivateEngine(
  options: PrivateEngineOptions = {},
): Promise<PrivateEngine> {
  const supervisor = await startSupervisor(options);
  const { child, state: first } = supervisor;
  let stopping: Promise<void> | undefined;
  async function remove(): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.stdin?.end();
      await exited;
    }
    // Killed, or failed: what it left is removed in its place.
    if (child.exitCode !== 0) await removeLeftovers(options.prefix);
  }
  const engine: PrivateEngine = {
    engineId: first.engineId,
    socketPath: first.socketPath,
    host: `unix://${first.socketPath}`,
    dataRoot: `${first.directory}/data`,
    hostAddress: first.hostAddress,
    engineAddress: first.engineAddress,
    cgroupParent: first.cgroupParent,
    supervisorPid: first.supervisorPid,
    holderPid: first.holderPid,
    get dockerdPid() {
      return supervisor.state.dockerdPid;
    },
    get containerdPid() {
      return supervisor.state.containerdPid;
    },
    stop: () => (stopping ??= remove()),
    restart: () => supervisor.ask('restart-daemon'),
    stopDaemon: () => supervisor.ask('stop-daemon'),
    startDaemon: () => supervisor.ask('start-daemon'),
    pauseDaemon: () => supervisor.ask('pause-daemon'),
    resumeDaemon: () => supervisor.ask('resume-daemon'),
    kill9: () => supervisor.ask('kill-daemon'),
  };
  try {
    await importImages(engine.socketPath, options.images ?? ['busybox']);
  } catch (error) {
    await engine.stop();
    throw error;
  }
  return engine;
}

/** Removes what killed runs left on this machine; about 100 ms when there is nothing. */
export async function removeLeftovers(prefix: readonly string[] = []): Promise<void> {
  const [command = '', ...args] = asRoot([...prefix, process.execPath, CLEAN]);
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error('What a killed run left could not be removed; see above.');
}

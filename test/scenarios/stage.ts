import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Action } from '../../monitor/model/action.ts';
import type { Decision } from '../../monitor/model/decision.ts';
import { atLeast, type Finding } from '../../monitor/model/finding.ts';
import { everyWorkload, noPatterns } from '../../monitor/model/selector.ts';
import { startMonitor, type Surroundings } from '../../monitor/monitor.ts';
import { defaultPolicyText } from '../../monitor/policy/default-policy.ts';
import { withWatch } from '../../monitor/policy/watch-selection.ts';
import type { MonitorEvent, RunningMonitor } from '../../monitor/rpc/service/service.ts';
import { createLogger } from '../../monitor/runtime/logger.ts';
import { testContainers, type TestContainer } from '../engine/containers.ts';
import type { Load } from './loads.ts';

/** A container on the stage, waiting to begin. */
export interface Actor {
  readonly load: Load;
  readonly container: TestContainer;
  /** Lets it begin; the moment it did, milliseconds since 1970. */
  begin(): number;
}

/** Something that was told, with when it was told. */
export interface Told<Item> {
  readonly at: number;
  readonly item: Item;
}

/** Real containers on a network of their own, watched by a real monitor. */
export interface Stage {
  readonly monitor: RunningMonitor;
  readonly findings: readonly Told<Finding>[];
  readonly decisions: readonly Told<Decision>[];
  readonly actions: readonly Told<Action>[];
  /** Lines that the monitor logged. */
  readonly log: readonly string[];
  actor(load: Load): Promise<Actor>;
  /** Takes an actor off the stage, and its container away. */
  dismiss(actor: Actor): Promise<void>;
  /** Waits until everything on the stage has been learned. */
  learned(): Promise<void>;
  /** Waits until `done` holds, and says so; false after the time-out. */
  until(done: () => boolean, timeoutMs: number): Promise<boolean>;
  /** Findings above info about the actor. */
  alarmsAbout(actor: Actor): readonly Told<Finding>[];
  /** Stops the monitor and starts another over the same record. */
  restartMonitor(): Promise<void>;
  close(): Promise<void>;
}

/** How a stage is set. */
export interface StageOptions {
  readonly socket: string;
  /** The policy's text; undefined for the built-in one. */
  readonly policy?: string;
  readonly learnMs: number;
  /** No cgroup files: only the engine's API. */
  readonly byApi?: boolean;
  readonly surroundings?: Surroundings;
  /** A private address range for the network, so that addresses can return. */
  readonly subnet?: string;
  /** Where what the detectors are handed is recorded. */
  readonly recordFile?: string | undefined;
}

/** Everything above info is frozen and cut off, as often as there is reason to. */
export const containAll = `version: 1
mode: enforce
limits:
  actionsPerMinute: 600
rules:
  - name: contain
    when: finding.severity >= medium
    do: [notify, pause]
    cooldown: 1s
`;

/** Whether the engine tells within a minute that the container is frozen. */
export async function becomesFrozen({ container }: Actor): Promise<boolean> {
  const end = Date.now() + 60_000;
  while (Date.now() < end) {
    if ((await container.inspect()).State.Paused) return true;
    await delay(100);
  }
  return false;
}

/** Sets the stage: a network with a sink on it, and a monitor that learns for `learnMs`. */
export async function openStage(options: StageOptions): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'sentra-stage-'));
  const containers = testContainers(options.socket);
  const findings: Told<Finding>[] = [];
  const decisions: Told<Decision>[] = [];
  const actions: Told<Action>[] = [];
  const log: string[] = [];
  const actors: Actor[] = [];
  const network = `stage-${containers.run}`;
  await containers.createNetwork(network, options.subnet ?? '10.211.7.0/24');
  const sink = await containers.start({
    image: 'debian',
    name: `sink-${containers.run}`,
    network,
    args: ['python3', '-c', sinkProgram],
  });
  const address = (await sink.inspect()).NetworkSettings.Networks[network]?.IPAddress ?? '';
  // The sink takes whatever is sent to it, and is no actor.
  const exclude = { ...noPatterns, names: [sink.name] };
  const policy = withWatch(options.policy ?? defaultPolicyText, { ...everyWorkload, exclude });
  if (!policy.ok) throw new Error(JSON.stringify(policy.error));
  writeFileSync(join(folder, 'policy.yaml'), policy.value);

  function hear(event: MonitorEvent): void {
    const at = Date.now();
    if (event.kind === 'finding') findings.push({ at, item: event.finding });
    if (event.kind === 'decision') decisions.push({ at, item: event.decision });
    if (event.kind === 'action') actions.push({ at, item: event.action });
  }

  async function start(): Promise<RunningMonitor> {
    const started = await startMonitor(
      {
        engine: `unix://${options.socket}`,
        policyFile: undefined,
        learnMs: options.learnMs,
        intervalMs: undefined,
        stateFolder: folder,
        controlFolder: folder,
        simulate: false,
        byApi: options.byApi ?? false,
        recordFile: options.recordFile,
      },
      { logger: createLogger((line) => log.push(line), 'debug'), ...options.surroundings },
    );
    if (!started.ok) throw new Error(JSON.stringify(started.error));
    started.value.service.subscribe(hear);
    return started.value;
  }

  let monitor = await start();

  async function until(done: () => boolean, timeoutMs: number): Promise<boolean> {
    const end = Date.now() + timeoutMs;
    while (!done()) {
      if (Date.now() > end) return false;
      await delay(50);
    }
    return true;
  }

  return {
    get monitor() {
      return monitor;
    },
    findings,
    decisions,
    actions,
    log,
    async actor(load) {
      const gate = join(folder, `gate-${load.name}`);
      rmSync(gate, { recursive: true, force: true });
      // gVisor lets in no pipe of the machine's: there it waits for a file.
      const isSandboxed = load.limits?.hostConfig?.['Runtime'] === 'runsc';
      if (isSandboxed) mkdirSync(gate);
      else execFileSync('mkfifo', [gate]);
      const container = await containers.start({
        image: 'debian',
        name: `${load.name}-${containers.run}`,
        network,
        args: isSandboxed
          ? ['bash', '-c', `${waitForFile}; exec sh -c "$0"`, `cd /tmp; ${load.script}`]
          : ['sh', '-c', `read -r RANDOM_SEED < /gate; cd /tmp; ${load.script}`],
        environment: { SINK: address },
        binds: [`${gate}:/gate`],
        ...load.limits,
      });
      const actor: Actor = {
        load,
        container,
        begin() {
          if (isSandboxed) {
            writeFileSync(join(gate, 'open'), '');
            return Date.now();
          }
          // Opened for both, so that it neither waits for the reader nor fails without one.
          const pipe = openSync(gate, constants.O_RDWR);
          writeSync(pipe, '1\n');
          const at = Date.now();
          setTimeout(() => closeSync(pipe), 500).unref();
          return at;
        },
      };
      actors.push(actor);
      return actor;
    },
    async dismiss(actor) {
      actors.splice(actors.indexOf(actor), 1);
      await actor.container.remove();
    },
    async learned() {
      const done = await until(
        () => {
          const views = monitor.service.snapshot().workloads;
          return actors.every(({ container }) =>
            views.some(
              (view) =>
                view.workload.container === container.id && view.learning.state === 'learned',
            ),
          );
        },
        options.learnMs * 3 + 60_000,
      );
      if (done) return;
      const open = monitor.service
        .snapshot()
        .workloads.filter(({ learning }) => learning.state !== 'learned')
        .map(({ workload: { name }, learning }) => `${name}: ${JSON.stringify(learning)}`);
      const about = findings.map(({ item }) => `${item.container.slice(0, 8)} ${item.sentence}`);
      throw new Error(`The stage was not learned in time. ${open.join('; ')}. ${about.join(' ')}`);
    },
    until,
    alarmsAbout: ({ container }) =>
      findings.filter(
        ({ item }) => item.container === container.id && atLeast(item.severity, 'low'),
      ),
    async restartMonitor() {
      await monitor.stop();
      monitor = await start();
    },
    async close() {
      await monitor.stop();
      await containers.removeAll();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Looks for the file five times a second, and starts no program for it. */
const waitForFile =
  'mkfifo /run/wait; exec 4<>/run/wait; ' +
  'until [ -e /gate/open ]; do read -t 0.2 -u 4; done; exec 4>&-';

/** Takes whatever is sent to port 9 over TCP, lets UDP fall on the floor, serves 40 MB at /big. */
const sinkProgram = `
import socket, threading
def take(c):
    while c.recv(1 << 20): pass
def serve(c):
    c.recv(4096)
    c.sendall(b"HTTP/1.0 200 OK\\r\\nContent-Length: 40000000\\r\\n\\r\\n")
    for _ in range(40): c.sendall(b"x" * 1000000)
    c.close()
def quietly(what, c):
    try: what(c)
    except OSError: pass
def listen(port, what):
    s = socket.create_server(("", port))
    while True:
        c, _ = s.accept()
        threading.Thread(target=quietly, args=(what, c), daemon=True).start()
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(("", 9))
threading.Thread(target=listen, args=(9, take), daemon=True).start()
threading.Thread(target=listen, args=(80, serve), daemon=True).start()
while True: u.recv(65536)
`;

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { openGates } from '../../../monitor/egress/disarm/disarm.ts';
import type { EgressMode, WrittenEgressRule } from '../../../monitor/model/egress.ts';
import type { EgressObservation, Observation } from '../../../monitor/model/observation.ts';
import type { Finding } from '../../../monitor/model/finding.ts';
import { startMonitor } from '../../../monitor/monitor.ts';
import type { EgressSettings } from '../../../monitor/pipeline/egress/egress-joint.ts';
import type { HelperSettings } from '../../../monitor/pipeline/helper-joint.ts';
import type { EgressView } from '../../../monitor/rpc/service/egress-service.ts';
import type { RunningMonitor } from '../../../monitor/rpc/service/service.ts';
import { createLogger } from '../../../monitor/runtime/logger.ts';
import { engineSocket } from '../../engine/capabilities.ts';
import { run } from '../../engine/command.ts';
import type { TestContainer } from '../../engine/containers.ts';
import { demand } from '../../engine/engine-http.ts';

/** The address of a container on the network it was made with. */
export async function addressOf(container: TestContainer): Promise<string> {
  const { NetworkSettings: settings } = await container.inspect();
  const [first] = Object.values(settings.Networks);
  return first?.IPAddress ?? '';
}

/**
 * For Python: connects, and ends with 3 when that is refused. What is refused of port 80 is told so by
 * an answer over HTTP, which nothing beyond the container has seen.
 */
export function attempt(host: string, port: number): string {
  return `import socket,sys
try:
  s=socket.create_connection(("${host}",${port}),3)
  if ${port}==80:
    s.sendall(b"GET / HTTP/1.0\\r\\nHost: ${host}\\r\\n\\r\\n")
    if b"Refused by Sentra" in s.recv(4096): sys.exit(3)
except OSError: sys.exit(3)`;
}

/** Runs a program in the container's network namespace, as root on the host. */
export async function inNetworkOf(
  container: TestContainer,
  args: readonly string[],
  input?: string,
): Promise<string> {
  const { State: state } = await container.inspect();
  const words = ['-t', String(state.Pid), '-n', ...args];
  return run('nsenter', words, input === undefined ? {} : { input });
}

/** The processes of this run's own engine; of one beside it there are none. */
function engineProcesses(): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return words[0]?.endsWith('dockerd') === true && words.includes(`unix://${engineSocket()}`);
    } catch {
      return false;
    }
  });
}

/** The tables in the network where this run's own engine has its bridges, as nft tells them. */
export async function tablesOfEngine(): Promise<string> {
  const [pid] = engineProcesses();
  if (pid === undefined) throw new Error('The engine was not found.');
  return run('nsenter', ['-t', pid, '-n', 'nft', 'list', 'tables']);
}

/** Takes the gate of this run's own engine away; that of an engine beside it stays. */
export async function openOwnGate(): Promise<void> {
  const networks = engineProcesses().map((pid) => statSync(`/proc/${pid}/ns/net`).ino);
  const failures = await openGates(undefined, networks);
  if (networks.length === 0 || failures.length > 0) {
    throw new Error(`The gate was not taken away: ${failures.join(' ')}`);
  }
}

/**
 * A name server in the container's network that leads each name, and all below it, to an address; with
 * `more` words for dnsmasq.
 */
export async function startNameServer(
  container: TestContainer,
  names: Readonly<Record<string, string>>,
  more: readonly string[] = [],
): Promise<() => void> {
  const { State: state } = await container.inspect();
  const answers = Object.entries(names).map(([name, address]) => `--address=/${name}/${address}`);
  const plain = ['--no-resolv', '--no-hosts', '--keep-in-foreground', '--conf-file=/dev/null'];
  const child = spawn(
    'nsenter',
    [
      '-t',
      String(state.Pid),
      '-n',
      'dnsmasq',
      ...plain,
      '--pid-file=',
      '--user=root',
      ...answers,
      ...more,
    ],
    { stdio: 'ignore' },
  );
  await delay(300);
  return () => child.kill('SIGKILL');
}

/** A monitor that guards egress, over a folder of its own. */
export interface EgressWatch {
  readonly folder: string;
  readonly file: string;
  readonly findings: readonly Finding[];
  readonly seen: readonly EgressObservation[];
  readonly log: readonly string[];
  start(settings?: EgressSettings, helper?: HelperSettings): Promise<void>;
  stop(): Promise<void>;
  view(container: TestContainer): Promise<EgressView>;
  rule(container: TestContainer, rule: WrittenEgressRule): Promise<EgressView>;
  mode(container: TestContainer, mode: EgressMode): Promise<EgressView>;
  /** The mode off for all that it watches: walls and resolvers go. Does nothing while it does not run. */
  switchOff(): Promise<void>;
  service(): RunningMonitor['service'];
  close(): Promise<void>;
}

/** Waits until the monitor knows the container. */
export function untilKnown(watch: EgressWatch, { id }: TestContainer): Promise<void> {
  return eventually('it is known', () =>
    watch
      .service()
      .snapshot()
      .workloads.some(({ workload }) => workload.container === id),
  );
}

/** Writes the list of name servers, and starts no monitor yet. */
export async function openEgressWatch(nameServers: readonly string[]): Promise<EgressWatch> {
  const folder = mkdtempSync(join(tmpdir(), 'sentra-egress-'));
  const info = z
    .looseObject({ ID: z.string() })
    .parse(await demand(engineSocket(), 'GET', '/info'));
  const name = createHash('sha256').update(info.ID).digest('hex').slice(0, 16);
  const file = join(folder, 'engines', name, 'egress.json');
  mkdirSync(join(folder, 'engines', name), { recursive: true, mode: 0o700 });
  writeFileSync(file, JSON.stringify({ version: 1, nameServers, workloads: [] }));
  const findings: Finding[] = [];
  const seen: EgressObservation[] = [];
  const log: string[] = [];
  let running: RunningMonitor | undefined;

  const service = (): RunningMonitor['service'] => {
    if (running === undefined) throw new Error('No monitor runs.');
    return running.service;
  };

  async function ask(request: Parameters<RunningMonitor['service']['egress']>[0]) {
    const answer = await service().egress(request);
    if (!answer.ok) throw new Error(answer.error.message);
    return answer.value;
  }

  return {
    folder,
    file,
    findings,
    seen,
    log,
    async start(settings = {}, helper = {}) {
      const started = await startMonitor(
        {
          engine: `unix://${engineSocket()}`,
          policyFile: undefined,
          learnMs: 600_000,
          intervalMs: undefined,
          stateFolder: folder,
          controlFolder: folder,
          simulate: false,
          byApi: false,
        },
        {
          logger: createLogger((line) => log.push(line), 'debug'),
          egress: { periodMs: 1000, ...settings },
          helper,
        },
      );
      if (!started.ok) throw new Error(JSON.stringify(started.error));
      running = started.value;
      running.service.subscribe((event) => {
        if (event.kind === 'finding') findings.push(event.finding);
        if (event.kind !== 'observations') return;
        const isEgress = (each: Observation): each is EgressObservation => each.kind === 'egress';
        seen.push(...event.observations.filter(isEgress));
      });
    },
    async stop() {
      await running?.stop();
      running = undefined;
    },
    view: (container) => ask({ name: 'list', target: container.id }),
    rule: (container, rule) => ask({ name: 'rule', target: container.id, rule }),
    mode: (container, mode) => ask({ name: 'mode', target: container.id, mode }),
    async switchOff() {
      for (const { workload } of running?.service.snapshot().workloads ?? []) {
        await ask({ name: 'mode', target: workload.container, mode: 'off' });
      }
    },
    service,
    async close() {
      await running?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until `holds`, at most so long; throws with `what` otherwise. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 60_000,
): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > end)
      throw new Error(`Within ${withinMs} ms it did not happen: ${what}`);
    await delay(50);
  }
}

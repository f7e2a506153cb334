import { createHash } from 'node:crypto';
import { describeWorkloads } from '../../policy/describe.ts';
import { loadPolicy } from '../../policy/load.ts';
import type { Rule } from '../../policy/policy.ts';
import { withMode } from '../../policy/rule-mode.ts';
import type { PolicyVersion } from '../../record/policy-versions.ts';
import type { Store } from '../../record/store.ts';
import type {
  PolicyProblemView,
  PolicyRefusal,
  PolicyService,
  PolicyTextView,
  RuleView,
} from '../../rpc/service/service-policy.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import type { Losses } from '../losses.ts';
import { problemView, type PolicyFile } from './policy-file.ts';
import { previewPolicy, type PreviewTrial } from './policy-preview.ts';
import { writeWholeFile } from '../../runtime/whole-file.ts';

export interface PolicyServiceParts {
  readonly policy: PolicyFile;
  readonly store: Pick<Store, 'policyVersions' | 'findings' | 'workloads'>;
  readonly losses: Losses;
  /** Has the file read again and what it now says put in force. */
  readonly apply: () => void;
}

const mostVersions = 200;

/** Reading, trying and changing the policy file. */
export function createPolicyService(parts: PolicyServiceParts): PolicyService {
  const { policy, store, losses } = parts;
  let trial: PreviewTrial | undefined;
  const progress = () => (trial === undefined ? undefined : { done: trial.done, of: trial.of });

  function versions(limit: number): readonly PolicyVersion[] {
    const listed = store.policyVersions.list(limit);
    losses.check(listed);
    return listed.ok ? listed.value : [];
  }

  function policyText(): PolicyTextView {
    const { text } = policy.text();
    const inFile = policy.readFile();
    return {
      policy: policy.view(),
      text,
      fileHash: inFile === undefined ? undefined : sha256(inFile),
      brokenText: inFile === undefined || inFile === text ? undefined : inFile,
      path: policy.path,
      rules: policy.policy().rules.map(ruleView),
      versions: versions(mostVersions).map(({ hash, loadedAt, source }) => ({
        hash,
        loadedAt,
        source: source.kind === 'file' ? source.path : 'built in',
      })),
    };
  }

  function write(text: string): Result<PolicyTextView, PolicyRefusal> {
    const written = writeWholeFile(policy.path, text);
    if (!written.ok) {
      const advice = 'Look at the file and its folder, then try again.';
      return failed({ kind: 'not-written', message: written.error, advice, problems: [] });
    }
    parts.apply();
    return ok(policyText());
  }

  return {
    policyText,
    checkPolicy: ({ text }) => ({ problems: check(text) }),
    savePolicy({ text, basedOn }) {
      const problems = check(text);
      if (problems.some(({ severity }) => severity === 'error')) return failed(broken(problems));
      const present = policy.readFile();
      const presentHash = present === undefined ? null : sha256(present);
      if (basedOn !== undefined && basedOn !== presentHash) return failed(changedMeanwhile);
      return write(text);
    },
    policyVersion({ hash }) {
      const version = versions(1000).find((each) => each.hash === hash);
      return version === undefined ? failed(unknownVersion) : ok({ text: version.text });
    },
    previewProgress: progress,
    cancelPreview() {
      if (trial !== undefined) trial.isCancelled = true;
      return progress();
    },
    async previewPolicy({ text, from, to }) {
      const loaded = loadPolicy(text);
      if (!loaded.ok) return failed(broken(loaded.error.map(problemView('error'))));
      if (trial !== undefined) return failed(busy);
      const mine: PreviewTrial = { done: 0, of: 0, isCancelled: false };
      trial = mine;
      try {
        const preview = await previewPolicy(loaded.value.policy, { from, to }, store, losses, mine);
        return preview === undefined ? failed(cancelled) : ok(preview);
      } finally {
        trial = undefined;
      }
    },
    setRuleMode({ rule, mode }) {
      // Without a file, what is in force is what the file is made from.
      const edited = withMode(policy.readFile() ?? policy.text().text, rule, mode);
      if (edited.ok) return write(edited.value);
      switch (edited.error.kind) {
        case 'broken':
          return failed(broken(edited.error.problems.map(problemView('error'))));
        case 'unknown-rule':
          return failed(unknownRule(rule ?? ''));
      }
    },
  };
}

function ruleView(rule: Rule): RuleView {
  const { name, mode, actions, workloads, condition, hold, cooldown, line } = rule;
  return {
    name,
    mode,
    actions,
    workloads: describeWorkloads(workloads),
    condition: condition.text,
    holdMs: hold,
    cooldownMs: cooldown,
    line,
  };
}

function check(text: string): readonly PolicyProblemView[] {
  const loaded = loadPolicy(text);
  return loaded.ok
    ? loaded.value.warnings.map(problemView('warning'))
    : loaded.error.map(problemView('error'));
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

function broken(problems: readonly PolicyProblemView[]): PolicyRefusal {
  const count = problems.filter(({ severity }) => severity === 'error').length;
  return {
    kind: 'broken',
    message: count === 1 ? 'The policy has a mistake.' : `The policy has ${count} mistakes.`,
    advice: 'Mend it, then try again. What is in force stays in force.',
    problems,
  };
}

const changedMeanwhile: PolicyRefusal = {
  kind: 'changed-meanwhile',
  message: 'The policy file is not what it was when it was read: someone else has changed it.',
  advice: 'Look at what it says now; then overwrite it, or discard your changes.',
  problems: [],
};

const unknownVersion: PolicyRefusal = {
  kind: 'unknown-version',
  message: 'No version of the policy with this hash is recorded.',
  advice: 'Look at the list of versions: it may have been dropped by the retention.',
  problems: [],
};

const busy: PolicyRefusal = {
  kind: 'busy',
  message: 'A preview is being made already.',
  advice: 'Try again in a few seconds.',
  problems: [],
};

const cancelled: PolicyRefusal = {
  kind: 'cancelled',
  message: 'The preview was given up.',
  advice: 'Begin it again when you want.',
  problems: [],
};

function unknownRule(name: string): PolicyRefusal {
  return {
    kind: 'unknown-rule',
    message: `The policy file has no rule ${JSON.stringify(name)}.`,
    advice: 'It may have been renamed: look at the rules again.',
    problems: [],
  };
}

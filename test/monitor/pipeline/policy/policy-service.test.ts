import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLosses } from '../../../../monitor/pipeline/losses.ts';
import { keepPolicyVersion } from '../../../../monitor/pipeline/policy/open-policy.ts';
import {
  followPolicyFile,
  type PolicyFile,
} from '../../../../monitor/pipeline/policy/policy-file.ts';
import { createPolicyService } from '../../../../monitor/pipeline/policy/policy-service.ts';
import { defaultPolicyText } from '../../../../monitor/policy/default-policy.ts';
import type { Store } from '../../../../monitor/record/store.ts';
import type { PolicyService } from '../../../../monitor/rpc/service/service-policy.ts';
import { silentLogger } from '../../../../monitor/runtime/logger.ts';
import {
  expectFailure,
  expectOk,
  finding,
  nineOClock,
  openForTest,
  workload,
} from '../../record/examples.ts';

let folder: string;
let path: string;
let store: Store;
let policy: PolicyFile;
let service: PolicyService;
let now = 1;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sentra-policy-'));
  path = join(folder, 'policy.yaml');
  store = openForTest(':memory:');
  follow();
});

afterEach(() => {
  expectOk(store.close());
  rmSync(folder, { recursive: true, force: true });
});

function follow(): void {
  policy = followPolicyFile(path, false, undefined, now);
  keepPolicyVersion(store, policy, silentLogger);
  service = createPolicyService({
    policy,
    store,
    losses: createLosses(silentLogger),
    apply() {
      now += 1;
      if (policy.refresh(now)) keepPolicyVersion(store, policy, silentLogger);
    },
  });
}

const observing = `version: 1
mode: observe
rules:
  - name: contain # what runs away
    when: finding.severity >= high
    hold: 5s
    do: [notify, pause]
  - name: tell
    when: finding.severity > info
    do: [notify]
`;
const enforcing = observing.replace('mode: observe', 'mode: enforce');
const broken = observing.replace('high', 'hihg');

describe('the policy that a person reads', () => {
  it('is the built-in one where there is no file, with where saving would write', () => {
    expect(service.policyText()).toMatchObject({
      text: defaultPolicyText,
      fileHash: undefined,
      brokenText: undefined,
      path,
      policy: { source: 'built in', mode: 'observe' },
      versions: [{ source: 'built in' }],
    });
    expect(service.policyText().rules.map(({ name }) => name)).toEqual([
      'contain runaways and escapes',
      'tell',
    ]);
  });

  it('shows a broken file beside what is in force', () => {
    expectOk(service.savePolicy({ text: observing }));
    writeFileSync(path, broken);
    policy.refresh(5);
    const view = service.policyText();
    expect(view.text).toBe(observing);
    expect(view.brokenText).toBe(broken);
    expect(view.policy.problems[0]).toMatchObject({ severity: 'error', line: 5 });
  });

  it('is checked without being written', () => {
    expect(service.checkPolicy({ text: observing }).problems).toEqual([]);
    expect(service.checkPolicy({ text: broken }).problems[0]).toMatchObject({
      severity: 'error',
      line: 5,
    });
    expect(service.checkPolicy({ text: 'version: 1\nrules: []' }).problems).toMatchObject([
      { severity: 'warning', line: 2 },
    ]);
    expect(existsSync(path)).toBe(false);
  });
});

describe('saving a policy', () => {
  it('writes the file, is in force when it answers, and keeps what was before as a version', () => {
    const saved = expectOk(service.savePolicy({ text: observing, basedOn: null }));
    expect(readFileSync(path, 'utf8')).toBe(observing);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(saved).toMatchObject({ text: observing, policy: { source: path, mode: 'observe' } });
    const again = expectOk(service.savePolicy({ text: enforcing, basedOn: saved.fileHash }));
    expect(again.policy.mode).toBe('enforce');
    expect(policy.policy().mode).toBe('enforce');
    expect(again.versions.map(({ source }) => source)).toEqual([path, path, 'built in']);
    const before = again.versions[1]?.hash ?? '';
    expect(expectOk(service.policyVersion({ hash: before })).text).toBe(observing);
    expect(expectFailure(service.policyVersion({ hash: '0'.repeat(64) })).kind).toBe(
      'unknown-version',
    );
    expect(readdirSync(folder)).toEqual(['policy.yaml']);
  });

  it('with a mistake is refused with the mistake, and nothing is touched', () => {
    expectOk(service.savePolicy({ text: observing }));
    expect(expectFailure(service.savePolicy({ text: broken }))).toMatchObject({
      kind: 'broken',
      problems: [{ severity: 'error', line: 5 }],
    });
    expect(readFileSync(path, 'utf8')).toBe(observing);
  });

  it('does not overwrite what someone else wrote meanwhile', () => {
    const { fileHash } = expectOk(service.savePolicy({ text: observing }));
    writeFileSync(path, `${observing}# by hand\n`);
    const refused = service.savePolicy({ text: enforcing, basedOn: fileHash });
    expect(expectFailure(refused).kind).toBe('changed-meanwhile');
    expect(expectFailure(service.savePolicy({ text: enforcing, basedOn: null })).kind).toBe(
      'changed-meanwhile',
    );
    expect(readFileSync(path, 'utf8')).toContain('# by hand');
  });

  it('follows a link and keeps the mode of the file', () => {
    const real = join(folder, 'real.yaml');
    writeFileSync(real, observing);
    chmodSync(real, 0o640);
    symlinkSync(real, path);
    follow();
    expectOk(service.savePolicy({ text: enforcing }));
    expect(readFileSync(real, 'utf8')).toBe(enforcing);
    expect(statSync(real).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder).sort()).toEqual(['policy.yaml', 'real.yaml']);
  });

  it('where it cannot be written is said, and what is in force stays', () => {
    mkdirSync(path);
    const refused = expectFailure(service.savePolicy({ text: observing }));
    expect(refused.kind).toBe('not-written');
    expect(refused.message).toContain(path);
    expect(service.policyText().policy.source).toBe('built in');
    expect(readdirSync(folder)).toEqual(['policy.yaml']);
  });
});

describe('switching a rule', () => {
  it('makes the file from the built-in policy where there is none', () => {
    const answer = expectOk(
      service.setRuleMode({ rule: 'contain runaways and escapes', mode: 'enforce' }),
    );
    expect(answer.rules.map(({ name, mode }) => [name, mode])).toEqual([
      ['contain runaways and escapes', 'enforce'],
      ['tell', 'observe'],
    ]);
    expect(readFileSync(path, 'utf8').replace(/\n *mode: enforce/, '')).toBe(defaultPolicyText);
  });

  it('keeps comments, and all can be switched at once', () => {
    expectOk(service.savePolicy({ text: observing }));
    const answer = expectOk(service.setRuleMode({ mode: 'enforce' }));
    expect(answer.text).toBe(enforcing);
    expect(answer.policy.mode).toBe('enforce');
  });

  it('is refused in a broken file, and for a rule that is not there', () => {
    expect(expectFailure(service.setRuleMode({ rule: 'none', mode: 'enforce' })).kind).toBe(
      'unknown-rule',
    );
    writeFileSync(path, broken);
    expect(expectFailure(service.setRuleMode({ mode: 'enforce' }))).toMatchObject({
      kind: 'broken',
      problems: [{ line: 5 }],
    });
    expect(readFileSync(path, 'utf8')).toBe(broken);
  });
});

describe('a preview of a policy', () => {
  const minute = 60_000;
  const at = (minutes: number) => nineOClock - minutes * minute;

  /** A finding that was open from one moment to another. */
  function record(id: string, change: Parameters<typeof finding>[0], from: number, to?: number) {
    expectOk(store.findings.put(finding({ ...change, id, at: from })));
    if (to === undefined) return;
    expectOk(store.findings.put(finding({ ...change, id, status: 'closed', at: to })));
  }

  it('says for each rule what it would have done, to whom, with the latest examples', async () => {
    expectOk(store.workloads.put(workload({ state: 'exited' }), nineOClock));
    record('grave', { severity: 'high' }, at(50), at(40));
    record('short', { severity: 'high' }, at(30), at(30) + 3000);
    record('slight', { severity: 'low', kind: 'drift' }, at(20));
    record('hushed', { severity: 'info' }, at(15));
    record('gone', { severity: 'high', workload: 'unknown' }, at(10));
    record('early', { severity: 'high' }, at(500), at(400));
    const preview = expectOk(
      await service.previewPolicy({ text: observing, from: at(60), to: nineOClock }),
    );
    expect(preview).toMatchObject({ findings: 4, leftOut: 1, isCut: false, problems: [] });
    const [contain, tell] = preview.rules;
    expect(contain).toMatchObject({
      rule: 'contain',
      mode: 'observe',
      decisions: 1,
      workloads: [{ workload: 'builder', name: 'builder-1', decisions: 1 }],
      examples: [
        { finding: 'grave', at: at(50) + 5000, actions: [{ kind: 'notify' }, { kind: 'pause' }] },
      ],
    });
    expect(tell?.examples.map((example) => example.finding)).toEqual(['slight', 'short', 'grave']);
    expect(tell?.examples[0]?.sentence).toBe(finding().sentence);
  });

  it('is of the text that is asked about, and counts a rule that never struck', async () => {
    expectOk(store.workloads.put(workload(), nineOClock));
    record('grave', { severity: 'high' }, at(50), at(40));
    const text = observing.replace('finding.severity >= high', 'finding.severity >= critical');
    const { rules } = expectOk(await service.previewPolicy({ text, from: at(60), to: nineOClock }));
    expect(rules[0]).toEqual({
      rule: 'contain',
      mode: 'observe',
      decisions: 0,
      workloads: [],
      examples: [],
    });
  });

  it('of a condition that cannot be evaluated says so once', async () => {
    expectOk(store.workloads.put(workload(), nineOClock));
    record('one', { severity: 'high' }, at(50), at(40));
    record('two', { severity: 'high' }, at(30), at(20));
    const text = observing.replace('finding.severity >= high', 'workload.labels["absent"] == "x"');
    const preview = expectOk(await service.previewPolicy({ text, from: at(60), to: nineOClock }));
    expect(preview.problems).toHaveLength(1);
    expect(preview.problems[0]).toContain('Rule contain (line 4)');
  });

  it('is refused for a broken text; one is made at a time, and other work goes on meanwhile', async () => {
    const query = { from: at(60_000), to: nineOClock };
    expect(await service.previewPolicy({ text: broken, ...query })).toMatchObject({
      error: { kind: 'broken', problems: [{ line: 5 }] },
    });
    expectOk(store.workloads.put(workload(), nineOClock));
    for (let number = 0; number < 30; number += 1) {
      record(`f${number}`, { severity: 'high' }, at(50_000 - number));
    }
    let turns = 0;
    const turning = setInterval(() => (turns += 1), 1);
    const first = service.previewPolicy({ text: observing, ...query });
    expect(await service.previewPolicy({ text: observing, ...query })).toMatchObject({
      error: { kind: 'busy' },
    });
    expectOk(await first);
    clearInterval(turning);
    expect(turns).toBeGreaterThan(0);
    expectOk(await service.previewPolicy({ text: observing, from: at(60), to: nineOClock }));
  });

  it('says how far it has come, and is given up when a person asks for that', async () => {
    const query = { text: observing, from: at(60_000), to: nineOClock };
    expectOk(store.workloads.put(workload(), nineOClock));
    for (let number = 0; number < 30; number += 1) {
      record(`f${number}`, { severity: 'high' }, at(50_000 - number));
    }
    expect(service.previewProgress()).toBeUndefined();
    expect(service.cancelPreview()).toBeUndefined();
    const whole = service.previewPolicy(query);
    expect(service.previewProgress()?.of).toBe(30);
    service.cancelPreview();
    expect(await whole).toMatchObject({ ok: false, error: { kind: 'cancelled' } });
    expect(service.previewProgress()).toBeUndefined();
    expectOk(await service.previewPolicy(query));
  });
});

import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { followPolicyFile } from '../../../../monitor/pipeline/policy/policy-file.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sentra-policy-'));
  path = join(folder, 'policy.yaml');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const enforcing = 'version: 1\nmode: enforce\nrules: []\n';

describe('a policy file', () => {
  it('that is not there leaves the built-in policy in force, quietly', () => {
    const file = followPolicyFile(path, false, undefined, 1);
    expect(file.view()).toEqual({ source: 'built in', mode: 'observe', problems: [], loadedAt: 1 });
  });

  it('that was named and is not there is a problem', () => {
    const file = followPolicyFile(path, true, undefined, 1);
    expect(file.view().problems[0]?.message).toContain('is not there');
  });

  it('that appears, breaks and is mended is followed; the last good one holds meanwhile', () => {
    const file = followPolicyFile(path, false, undefined, 1);
    writeFileSync(path, enforcing);
    expect(file.refresh(2)).toBe(true);
    expect(file.view()).toMatchObject({ source: path, mode: 'enforce', loadedAt: 2 });
    expect(file.refresh(3)).toBe(false);
    writeFileSync(path, 'version: 1\nmode: enforced\nrules: []\n');
    expect(file.refresh(4)).toBe(true);
    expect(file.view()).toMatchObject({ mode: 'enforce', loadedAt: 2 });
    expect(file.view().problems[0]).toMatchObject({ severity: 'error', line: 2 });
    writeFileSync(path, 'version: 1\nmode: observe\nrules: []\n');
    expect(file.refresh(5)).toBe(true);
    expect(file.view()).toMatchObject({ mode: 'observe', loadedAt: 5 });
  });

  it('that is broken when the monitor starts leaves in force what was so before', () => {
    writeFileSync(path, 'rules: [');
    const file = followPolicyFile(path, false, enforcing, 1);
    expect(file.view().mode).toBe('enforce');
    expect(file.view().problems[0]?.severity).toBe('error');
  });

  it('that was deleted while nobody followed it leaves the built-in policy in force, quietly', () => {
    const file = followPolicyFile(path, false, enforcing, 1);
    expect(file.view()).toEqual({ source: 'built in', mode: 'observe', problems: [], loadedAt: 1 });
    expect(file.text().fromFile).toBeUndefined();
  });

  it('that vanishes while it is followed stays in force, and what comes of it is said', () => {
    writeFileSync(path, enforcing);
    const file = followPolicyFile(path, false, undefined, 1);
    rmSync(path);
    expect(file.refresh(2)).toBe(true);
    expect(file.view()).toMatchObject({ source: path, mode: 'enforce', loadedAt: 1 });
    expect(file.view().problems).toMatchObject([
      { message: expect.stringMatching(/is gone.*started again.*built-in policy holds/) as string },
    ]);
    writeFileSync(path, enforcing);
    expect(file.refresh(3)).toBe(true);
    expect(file.view().problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('that was broken from the start and vanishes takes its mistakes along', () => {
    writeFileSync(path, 'rules: [');
    const file = followPolicyFile(path, false, undefined, 1);
    expect(file.view().problems).not.toEqual([]);
    rmSync(path);
    file.refresh(2);
    expect(file.view()).toMatchObject({ source: 'built in', problems: [] });
  });

  it('that was named and is gone at the start leaves in force what was so before', () => {
    const file = followPolicyFile(path, true, enforcing, 1);
    expect(file.view().mode).toBe('enforce');
    expect(file.view().problems[0]?.message).toBe(
      `${path} is not there. The last good policy stays in force.`,
    );
  });

  it('that cannot be reached for a while is a problem, said once and over with it', () => {
    const place = join(folder, 'place');
    const inside = join(place, 'policy.yaml');
    mkdirSync(place);
    writeFileSync(inside, 'version: 1\nmode: enforce\nrules: []\n');
    const file = followPolicyFile(inside, false, undefined, 1);
    const before = file.view();
    renameSync(place, `${place}.away`);
    symlinkSync(place, place);
    expect(file.refresh(2)).toBe(true);
    expect(file.view()).toMatchObject({
      mode: 'enforce',
      problems: [{ message: expect.stringContaining('cannot be read') as string }],
    });
    expect(file.refresh(3)).toBe(false);
    rmSync(place);
    renameSync(`${place}.away`, place);
    expect(file.refresh(4)).toBe(true);
    expect(file.view().problems).toEqual(before.problems);
  });

  it('that is a folder, or far too large, is refused', () => {
    const file = followPolicyFile(folder, true, undefined, 1);
    expect(file.view().problems[0]?.message).toContain('plain file');
    writeFileSync(path, '#'.repeat(300 * 1024));
    expect(followPolicyFile(path, true, undefined, 1).view().problems).toHaveLength(1);
  });
});

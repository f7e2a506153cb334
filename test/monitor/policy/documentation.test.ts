import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findingKinds, severities } from '../../../monitor/model/finding.ts';
import { subjectFields } from '../../../monitor/policy/condition-subject.ts';
import { loadPolicy } from '../../../monitor/policy/load.ts';

const page = readFileSync(new URL('../../../docs/policy.md', import.meta.url), 'utf8');

describe('docs/policy.md', () => {
  it('shows a policy that is in order', () => {
    const example = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    expect(loadPolicy(example)).toMatchObject({ ok: true, value: { warnings: [] } });
  });

  it('says that what was put off outlives a restart', () => {
    const sentence = /\*\*What could not be done yet\*\*.*/.exec(page)?.[0] ?? '';
    expect(sentence).toContain('also after a restart of Sentra');
    expect(sentence).not.toContain('so does a restart');
  });

  it.each([...findingKinds, ...severities])('names %s', (word) => {
    expect(page).toContain(word);
  });

  it.each([...Object.keys(subjectFields.finding), ...Object.keys(subjectFields.workload)])(
    'explains the field %s',
    (field) => {
      expect(page).toMatch(new RegExp(`[.\`]${field}\``));
    },
  );
});

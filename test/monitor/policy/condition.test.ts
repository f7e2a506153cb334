import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../monitor/model/finding.ts';
import type { Workload } from '../../../monitor/model/workload.ts';
import { compileCondition } from '../../../monitor/policy/condition.ts';
import { subjectOf } from '../../../monitor/policy/condition-subject.ts';
import { findingWith, start, workloadWith } from './subjects.ts';

function ask(text: string, finding: Partial<Finding> = {}, workload: Partial<Workload> = {}) {
  const compiled = compileCondition(text);
  if (!compiled.ok) throw new Error(compiled.error.message);
  return compiled.value.evaluate(subjectOf(findingWith(finding), workloadWith(workload)));
}

describe('a condition', () => {
  it.each<[string, boolean]>([
    ['finding.severity >= high', true],
    ['finding.severity == critical', false],
    ['finding.severity in [high, critical]', true],
    ['finding.severity > 3', true],
    ['finding.kind in ["fork-bomb", "drift"]', true],
    ['finding.score > 0.85 && finding.score < 1', true],
    ['finding.age >= 90', true],
    ['"processes" in finding.series', true],
    ['finding.technique == "T1499"', true],
    ['workload.name.like("w?b")', true],
    ['workload.image.startsWith("node") && !workload.image.endsWith("slim")', true],
    ['workload.name.lowerAscii().contains("we")', true],
    ['"team" in workload.labels && workload.labels["team"] == "blue"', true],
    ['has(workload.labels.team)', true],
    ['"owner" in workload.labels && workload.labels["owner"] == "x"', false],
    ['workload.composeProject == "shop" && workload.composeService == "web"', true],
    ['workload.network == "own" && "bridge" in workload.networks', true],
    ['workload.pidsLimited && !workload.memoryLimited && !workload.cpuLimited', true],
    ['workload.runtime == "runc" ? size(workload.name) == 3 : false', true],
    ['true', true],
  ])('%s is %s', (text, expected) => {
    const finding = { at: start + 90_000, technique: { id: 'T1499', name: 'Denial of Service' } };
    expect(ask(text, finding)).toEqual({ ok: true, value: expected });
  });

  it('sees what is absent as empty', () => {
    const bare = {
      composeProject: undefined,
      composeService: undefined,
      network: { kind: 'host' as const },
    };
    const text =
      'workload.composeProject + workload.composeService + finding.technique == "" && size(workload.networks) == 0';
    expect(ask(text, {}, bare)).toEqual({ ok: true, value: true });
  });

  it.each([
    ['a label that is not there', 'workload.labels["owner"] == "x"', 'No such key: owner'],
    ['a division by zero', '1 / (size(workload.name) - 3) == 1', 'division by zero'],
    ['too large a number', '9223372036854775807 + size(workload.name) > 0', 'integer overflow'],
  ])('says why it cannot be told: %s', (_, text, error) => {
    const outcome = ask(text);
    expect(outcome).toMatchObject({ ok: false });
    expect(outcome.ok ? '' : outcome.error.toLowerCase()).toContain(error.toLowerCase());
  });

  it('looks at the first 4096 characters of hostile text', () => {
    const labels = { team: `${'a'.repeat(1_000_000)}b` };
    expect(ask('size(workload.labels["team"]) == 4096', {}, { labels })).toEqual({
      ok: true,
      value: true,
    });
    expect(ask('workload.labels["team"].like("*a*a*a*b")', {}, { labels })).toEqual({
      ok: true,
      value: false,
    });
  });

  it('never throws, whatever the workload says of itself', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, text, fc.dictionary(text, text), (name, image, labels) => {
        const outcome = ask(
          'workload.name.like("*a?") || workload.image.contains("x") || "a" in workload.labels',
          {},
          { name, image, labels },
        );
        expect(outcome.ok).toBe(true);
      }),
    );
  });

  it('is read, or refused with a place inside it, whatever its text', () => {
    const piece = fc.constantFrom(
      ...['finding', '.kind', 'workload', '.labels', '["a"]', ' == ', '"x"', ' in ', '[', ']', '('],
      ...[
        ')',
        ' && ',
        ' || ',
        '!',
        'high',
        '1',
        '.5',
        '-',
        '?',
        ':',
        'size',
        '.like',
        ',',
        '{',
        '}',
      ],
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const compiled = compileCondition(text);
        if (compiled.ok) {
          compiled.value.evaluate(subjectOf(findingWith(), workloadWith()));
          return;
        }
        expect(compiled.error.message).not.toBe('');
        expect(compiled.error.offset).toBeGreaterThanOrEqual(0);
        expect(compiled.error.offset).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 500 },
    );
  });
});

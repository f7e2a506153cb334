import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesGlob } from '../../../monitor/model/glob.ts';
import { everyWorkload, fitsAny, noPatterns, selects } from '../../../monitor/model/selector.ts';
import type { SelectableWorkload, WorkloadSelector } from '../../../monitor/model/selector.ts';

const web: SelectableWorkload = {
  name: 'web-1',
  image: 'ghcr.io:443/acme/agent:1.2@sha256:abc',
  labels: { team: 'blue', 'agent.kind': 'coder' },
  composeProject: 'shop',
};

function selector(parts: Partial<WorkloadSelector>): WorkloadSelector {
  return { ...everyWorkload, ...parts };
}

describe('a glob pattern', () => {
  it.each([
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['*', 'anything at all', true],
    ['web', 'web', true],
    ['web', 'Web', false],
    ['web-*', 'web-1', true],
    ['web-*', 'web', false],
    ['*-1', 'web-1', true],
    ['w?b', 'web', true],
    ['w?b', 'wb', false],
    ['?', '', false],
    ['a**b', 'ab', true],
    ['*a*b*', 'xxaxxbxx', true],
    ['*ab*ab', 'abab', true],
    ['*ab*ab', 'ab', false],
    ['*aab', 'aaab', true],
    ['?*?', 'a', false],
    ['?*?', 'ab', true],
    ['a.c', 'abc', false],
    [`${'a'.repeat(31)}*b`, `${'a'.repeat(40)}b`, true],
    [`${'a'.repeat(32)}?`, 'a'.repeat(33), true],
    ['x'.repeat(64), 'x'.repeat(64), true],
    ['x'.repeat(64), 'x'.repeat(63), false],
  ])('%j on %j is %j', (pattern, text, expected) => {
    expect(matchesGlob(pattern, text)).toBe(expected);
  });

  it('agrees with a regular expression that says the same', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 70 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 40 });
    fc.assert(
      fc.property(letters, text, (pattern, value) => {
        const source = pattern.replace(/\*+/g, '*').replaceAll('*', '.*').replaceAll('?', '.');
        // Few stars only, since the regular expression, unlike the glob, takes its time.
        fc.pre((source.match(/\.\*/g) ?? []).length <= 6);
        expect(matchesGlob(pattern, value)).toBe(new RegExp(`^(?:${source})$`).test(value));
      }),
    );
  });

  it('fits what it was made from', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 20 }), { maxLength: 8 }), (pieces) => {
        const plain = pieces.map((piece) => piece.replace(/[*?]/g, ''));
        expect(matchesGlob(plain.join('*'), plain.join('any text'))).toBe(true);
      }),
    );
  });

  it('reads each character of a hostile text once at most', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 256 });
    fc.assert(
      fc.property(pattern, fc.nat(5000), (hostile, length) => {
        let reads = 0;
        const text = {
          length,
          charCodeAt: () => {
            reads += 1;
            return 'a'.charCodeAt(0);
          },
        };
        matchesGlob(hostile, text);
        expect(reads).toBeLessThanOrEqual(length);
      }),
    );
  });
});

describe('a workload selector', () => {
  it.each<[string, Partial<WorkloadSelector>, boolean]>([
    ['nothing asked for', {}, true],
    ['a name that fits', { names: ['db', 'web-*'] }, true],
    ['no name that fits', { names: ['db'] }, false],
    ['the image with digest', { images: ['*@sha256:abc'] }, true],
    ['the image with its tag', { images: ['ghcr.io:443/acme/agent:1.2'] }, true],
    ['the image alone', { images: ['ghcr.io:443/acme/agent'] }, true],
    ['a part of the image', { images: ['agent'] }, false],
    ['the compose project', { composeProjects: ['sh*'] }, true],
    ['another project', { composeProjects: ['blog'] }, false],
    ['a label that is there', { labels: { team: true } }, true],
    ['a label that is not there', { labels: { owner: true } }, false],
    ['labels of which one does not fit', { labels: { team: 'blue', 'agent.kind': 'x' } }, false],
    ['labels that all fit', { labels: { team: 'b*', 'agent.kind': 'coder' } }, true],
    [
      'a name that fits and a project that does not',
      { names: ['*'], composeProjects: ['x'] },
      false,
    ],
    ['an exclusion by name', { exclude: { ...noPatterns, names: ['web-*'] } }, false],
    [
      'an exclusion of which one part fits',
      { exclude: { ...noPatterns, names: ['db'], labels: { team: true, owner: true } } },
      false,
    ],
    ['an exclusion that does not fit', { exclude: { ...noPatterns, names: ['db'] } }, true],
  ])('%s', (_, parts, expected) => {
    expect(selects(selector(parts), web)).toBe(expected);
  });

  it('never selects what is Sentra’s own', () => {
    const helper = { ...web, name: 'sentra-helper', labels: { 'sentra.helper': 'sha256:0' } };
    expect(selects(everyWorkload, helper)).toBe(false);
    expect(selects(selector({ names: ['*'], labels: { 'sentra.helper': true } }), helper)).toBe(
      false,
    );
  });

  it('selects what only has its label, which an image can bring, or only its name', () => {
    for (const labels of [{ 'sentra.helper': 'sha256:0' }, { 'sentra.role': 'sensor' }]) {
      expect(selects(everyWorkload, { ...web, labels })).toBe(true);
    }
    expect(selects(everyWorkload, { ...web, name: 'sentra-helper' })).toBe(true);
  });

  it('does not take what every object has for a label', () => {
    expect(selects(selector({ labels: { constructor: true as const } }), web)).toBe(false);
    expect(fitsAny({ ...noPatterns, labels: { toString: true as const } }, web)).toBe(false);
  });

  it('does not fit a container without a project to a project', () => {
    const alone = { ...web, composeProject: undefined };
    expect(selects(selector({ composeProjects: ['*'] }), alone)).toBe(false);
  });

  const patterns = fc.record({
    names: fc.array(fc.constantFrom('web-*', 'db', '?', '*'), { maxLength: 2 }),
    images: fc.array(fc.constantFrom('node', 'node:*', '*'), { maxLength: 2 }),
    composeProjects: fc.array(fc.constantFrom('shop', '*'), { maxLength: 2 }),
    labels: fc.dictionary(
      fc.constantFrom('team', 'role'),
      fc.constantFrom<(string | true)[]>(true, 'blue', '*'),
    ),
  });
  const workload = fc.record({
    name: fc.constantFrom('web-1', 'db', 'x'),
    image: fc.constantFrom('node:22', 'node', 'redis'),
    labels: fc.dictionary(fc.constantFrom('team', 'role'), fc.constantFrom('blue', 'red')),
    composeProject: fc.constantFrom('shop', undefined),
  });

  it('selects less with an exclusion, and nothing that the exclusion fits', () => {
    fc.assert(
      fc.property(patterns, patterns, workload, (wanted, exclude, subject) => {
        const with_ = selects({ ...wanted, exclude }, subject);
        const without = selects({ ...wanted, exclude: noPatterns }, subject);
        expect(with_).toBe(without && !fitsAny(exclude, subject));
      }),
    );
  });
});

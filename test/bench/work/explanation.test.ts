import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../monitor/model/finding.ts';
import type { ContainerTraits } from './container-traits.ts';
import { quantityIn, secondsIn, wrongIn } from './explanation.ts';
import { strengths } from './incident.ts';
import { incidents } from './incidents.ts';

const traits: ContainerTraits = {
  workload: 'agent',
  container: 'c0ffee',
  cores: 1,
  memoryLimitBytes: 1e9,
  pidsLimit: 1024,
  calls: new Set(['read']),
  tops: new Map([['read', 900]]),
};

/** A finding with a sentence, whose first figure lies beyond what is expected unless `observed` is less. */
function finding(kind: Finding['kind'], series: string, sentence: string, observed = 2): Finding {
  return {
    ...{ id: `c0ffee|${kind}|${series}|1000`, kind, sentence, severity: 'medium', status: 'open' },
    ...{ workload: 'agent', container: 'c0ffee', at: 9000, onsetAt: 1000, score: 1 },
    evidence: [{ series, unit: 'count', observed, expected: { low: 0, high: 1 }, recent: [] }],
    technique: undefined,
  };
}

/** Why the explanation of the incident is wrong so many seconds after the onset. */
function wrong(name: string, strength: (typeof strengths)[number], seconds: number, told: Finding) {
  const incident = incidents.find((each) => each.name === name);
  if (incident === undefined) throw new Error(name);
  const injection = incident.inject(strength, traits, () => 0.5);
  return wrongIn(told, injection.explained(told.kind, seconds * 1000));
}

describe('What explains an incident rightly', () => {
  const leak = (rate: string): string =>
    `Memory grows by ${rate} a second and reaches its limit of 1.0 GB in 21 s: 644 MB (60 %) are used.`;

  it('names the series, the direction and about the number that was injected', () => {
    const told = finding('memory-runaway', 'memory', leak('19.3 MB'));
    expect(wrong('memory leak', 'medium', 30, told)).toBeUndefined();
  });

  it('is wrong with another number, or one in another unit', () => {
    for (const [rate, share] of [
      ['40.0 MB', '200 %'],
      ['2.0 MB', '10 %'],
      ['20.0 kB', '0 %'],
      ['20 GB', '100000 %'],
    ] as const) {
      const told = finding('memory-runaway', 'memory', leak(rate));
      expect(wrong('memory leak', 'medium', 30, told)).toBe(`tells ${share} of what was injected`);
    }
  });

  it('is wrong about another series, in another direction, or of another kind', () => {
    const sentence = leak('20.0 MB');
    const other = finding('memory-runaway', 'processes', sentence);
    expect(wrong('memory leak', 'medium', 30, other)).toBe('is about processes in place of memory');
    const below = finding('memory-runaway', 'memory', sentence, 0.5);
    expect(wrong('memory leak', 'medium', 30, below)).toBe('shows nothing beyond what is expected');
    const falls = finding('memory-runaway', 'memory', sentence.replace('grows', 'falls'));
    expect(wrong('memory leak', 'medium', 30, falls)).toMatch(/^does not say/);
    const disk = finding('level-shift', 'block', 'Disk: 20.0 MB a second for 2 s.');
    expect(wrong('memory leak', 'medium', 30, disk)).toBe('explains nothing of the kind');
  });

  it('counts from the onset what a sentence gives as a total', () => {
    const grew = (to: string, lasted: string): Finding =>
      finding(
        'pids-runaway',
        'processes',
        `Processes multiply: 2 became ${to} in ${lasted}, 5 more.`,
      );
    // Begun two seconds before the onset, or five after it.
    expect(wrong('fork bomb', 'weak', 8, grew('43', '10 s'))).toBeUndefined();
    expect(wrong('fork bomb', 'weak', 14, grew('47', '9 s'))).toBeUndefined();
    expect(wrong('fork bomb', 'weak', 8, grew('400', '10 s'))).toMatch(/^tells/);
    const sent = (amount: string): Finding =>
      finding(
        'sustained-upload',
        'bytes sent',
        `Has sent ${amount} in 25 s, mostly with at most a third`,
      );
    expect(wrong('exfiltration by upload', 'medium', 25, sent('25.0 MB'))).toBeUndefined();
    expect(wrong('exfiltration by upload', 'medium', 25, sent('250 MB'))).toMatch(/^tells 1000 %/);
  });

  it('names the calls, the command, the domain and the file that they were', () => {
    const calls = (name: string, count: string): Finding =>
      finding(
        'unusual-calls',
        'system calls of known programs',
        `Made ${count} \`${name}\` calls in 1 s; never before in 24 h of watching.`,
      );
    const incident = incidents.find(({ name }) => name === 'unusual calls');
    const injection = incident?.inject('medium', traits, () => 0.999);
    const [claim] = injection?.explained('unusual-calls', 1000) ?? [];
    const chosen = /\(\?:(?<first>\w+)/.exec(claim?.says.source ?? '')?.groups?.['first'] ?? '';
    const of = claim === undefined ? [] : [{ ...claim, series: 'system calls of known programs' }];
    expect(wrongIn(calls(chosen, '50'), of)).toBeUndefined();
    expect(wrongIn(calls(chosen, '5 000'), of)).toMatch(/^tells/);
    expect(wrongIn(calls('sendto', '50'), of)).toMatch(/^does not say/);
    const outside = (command: string): Finding =>
      finding(
        'unexpected-exec',
        'exec',
        `A command was started in it from outside, which never happened while it was learned: \`${command}\`.`,
      );
    expect(wrong('shell from outside', 'weak', 1, outside('id'))).toBeUndefined();
    expect(wrong('shell from outside', 'weak', 1, outside('env'))).toMatch(/^does not say/);
    const asked = (domain: string): Finding =>
      finding(
        'dns-tunnel',
        `names below ${domain}`,
        `Asked DNS for 5 different names below \`${domain}\` in 0 s: data, not names.`,
      );
    expect(wrong('DNS tunnel', 'medium', 5, asked('relay-update.net'))).toBeUndefined();
    expect(wrong('DNS tunnel', 'medium', 5, asked('example.com'))).toMatch(/^is about/);
    const opened = (file: string): Finding =>
      finding(
        'escape-attempt',
        'openat T1003.008',
        `/tmp/x (process 4242) called \`openat\` (${file}) once and was not refused; containers do not do this by themselves.`,
      );
    expect(wrong('escape attempt', 'weak', 1, opened('/etc/shadow'))).toBeUndefined();
    expect(wrong('escape attempt', 'weak', 1, opened('/etc/hosts'))).toMatch(/^does not say/);
  });

  it('is claimed of every incident in every strength, of one kind of finding at least', () => {
    const kinds = ['memory-runaway', 'fork-bomb', 'sustained-cpu', 'level-shift', 'network-flood'];
    const more = ['sustained-upload', 'dns-tunnel', 'port-scan', 'restart-loop', 'unusual-calls'];
    for (const incident of incidents) {
      for (const strength of strengths) {
        const injection = incident.inject(strength, traits, () => 0.5);
        const all = [...kinds, ...more, 'unexpected-exec', 'escape-attempt'];
        const claims = all.flatMap((kind) => injection.explained(kind, 60_000));
        expect(claims.length, `${incident.name}, ${strength}`).toBeGreaterThan(0);
      }
    }
  });

  it('is read from figures as findings write them', () => {
    expect(
      ['1.5 MB', '0.30 cores', '1.0 core', '12 345', '950 kB', 'once', 'much'].map(quantityIn),
    ).toEqual([1.5e6, 0.3, 1, 12_345, 950_000, 1, Number.NaN]);
    expect(['8 s', '2 min 5 s', '3 h', 'soon'].map(secondsIn)).toEqual([
      8,
      125,
      10_800,
      Number.NaN,
    ]);
  });
});

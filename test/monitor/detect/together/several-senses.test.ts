import { describe, expect, it } from 'vitest';
import {
  beginContainer,
  createDetection,
  stepDetection,
  type Detection,
} from '../../../../monitor/detect/detection.ts';
import { packProfile, unpackProfile, type Profile } from '../../../../monitor/detect/profile.ts';
import { readProfile } from '../../../../monitor/pipeline/baseline/stored-profile.ts';
import type { Finding } from '../../../../monitor/model/finding.ts';
import type { ContainerObservation, ControlEvent } from '../../../../monitor/model/observation.ts';
import { quietSeries, type QuietKind } from '../../../bench/detect/quiet-series.ts';
import { idleSecond } from '../story.ts';

const minute = 60;
const hour = 3600;
const day = 24 * hour;
const of = { workload: 'agent#one', container: 'a'.repeat(64) };

/** How much more there is of each than usual, in parts of what is usual. */
interface More {
  readonly cpu?: number;
  readonly sent?: number;
  readonly calls?: number;
  /** Of `sendto` alone. */
  readonly sending?: number;
}

/** What is known of a container that was watched. */
interface Known {
  readonly detection: Detection;
  at(): number;
}

/** A container whose CPU, traffic and calls move by themselves, each by its own quiet series. */
function working(kind: QuietKind, known?: Known) {
  const detection =
    structuredClone(known?.detection) ?? createDetection({ learnMs: 300_000, hostCpus: 4 });
  beginContainer(detection, of.workload, of.container, undefined, []);
  const findings: Finding[] = [];
  const first = known === undefined ? 1 : 11;
  const next = [0, 1, 2, 3].map((seed) => quietSeries(kind, first + seed));
  const value = (at: number) => Math.max(0, next[at]?.() ?? 0) / 50;
  let at = known?.at() ?? 1e12;
  const hear = (observation: ContainerObservation): void => {
    findings.push(...stepDetection(detection, observation).findings);
  };
  return {
    detection,
    findings,
    at: () => at,
    live(seconds: number, { cpu = 0, sent = 0, calls = 0, sending = 0 }: More = {}): void {
      for (let second = 0; second < seconds; second += 1) {
        at += 1000;
        const bytes = 20_000 * value(1) * (1 + sent);
        const network = {
          receivedBytes: 30_000,
          sentBytes: bytes,
          receivedPackets: 90,
          sentPackets: 90,
        };
        const cpuCores = 0.5 * value(0) * (1 + cpu);
        hear({ ...idleSecond(at, { cpuCores, network, faultsPerSecond: 9_000 }), ...of });
        const busy = value(2) * (1 + calls);
        const counts = {
          read: Math.round(200 * busy),
          write: Math.round(100 * busy),
          openat: Math.round(50 * busy),
          sendto: Math.round(40 * value(3) * (1 + sending)),
        };
        hear({ kind: 'syscalls', at, ...of, intervalMs: 1000, counts, failed: {}, lost: 0 });
      }
    },
    /** A command is started in it from outside. */
    enter(): void {
      hear({ kind: 'lifecycle', at, ...of, event: { name: 'exec', command: 'sh' } });
    },
    say(event: ControlEvent): void {
      hear({ kind: 'control', at, ...of, event });
    },
    kinds: () => [
      ...new Set(findings.flatMap((each) => (each.severity === 'info' ? [] : [each.kind]))),
    ],
    /** Ids of findings above info, by kind. */
    alarms(): readonly string[] {
      const told = findings.filter(({ severity }) => severity !== 'info');
      return [...new Set(told.map(({ id, kind }) => `${kind} ${id}`))];
    },
    profile(): Profile {
      const found = detection.baselines.get(of.workload);
      if (found === undefined) throw new Error('It is watched.');
      return found.profile;
    },
  };
}

/** A little more of everything: what each sense by itself has seen often enough. */
const aLittle: More = { cpu: 0.12, sent: 0.12, calls: 0.12, sending: 0.4 };

describe('a little more than usual in several senses', () => {
  const yesterday = working('noisy');
  yesterday.live(day);
  const known = () => working('noisy', yesterday);

  it('is told as one alarm that names the senses and their shares, where no single one says anything', () => {
    const life = known();
    expect(yesterday.alarms()).toEqual([]);
    life.live(15 * minute, aLittle);
    expect(life.alarms()).toHaveLength(1);
    const told = life.findings.find(({ severity }) => severity !== 'info');
    expect(told).toMatchObject({ kind: 'several-senses', severity: 'low', status: 'open' });
    expect(told?.sentence).toMatch(
      /^All that was strange in the last \d+ (?:min|s).*, taken together, is \d+\.\d times as much evidence as ever before that it does not do its usual work\./,
    );
    expect(told?.sentence).toMatch(/System calls \(\d+ % of it\): .* calls a second/);
    expect(told?.sentence).toMatch(/Resources \(\d+ % of it\): .*(?:CPU|bytes sent)/);
    expect(told?.sentence).toMatch(/By 24 h of its own history the like comes .*\.$/);
    const [all, ...others] = told?.evidence ?? [];
    expect(all?.observed).toBeGreaterThan(all?.expected?.high ?? Infinity);
    expect(all?.recent.length).toBeGreaterThan(1);
    expect(others.length).toBeGreaterThan(0);
  });

  it('says nowhere that something is strange that reads like what is usual', () => {
    const life = known();
    for (const more of [aLittle, {}, { calls: 0.1 }, {}]) life.live(10 * minute, more);
    const told = life.findings.filter(({ kind }) => kind === 'several-senses');
    expect(told.length).toBeGreaterThan(20);
    const claims = told.flatMap(({ sentence }) => sentence.split(/; |\. /));
    const figures =
      /\D (?<is>\d.*?)(?: from .* next| on average .* more)?, usually (?<was>.*?)\.?$/;
    const compared = claims.map((claim) => figures.exec(claim)?.groups).filter((each) => each);
    expect(compared.length).toBeGreaterThan(40);
    expect(compared.filter((each) => each?.['is'] === each?.['was'])).toEqual([]);
  });

  it('is said by nobody in the first hour', () => {
    const life = working('noisy');
    life.live(40 * minute);
    life.live(15 * minute, { ...aLittle, cpu: 0.5, calls: 0.5 });
    expect(life.findings.filter(({ kind }) => kind === 'several-senses')).toEqual([]);
  });

  it('is not told beside a finding that says already what is wrong', () => {
    const life = known();
    for (let time = 0; time < 90; time += 1) {
      life.enter();
      life.live(10, aLittle);
    }
    expect(life.kinds()).toContain('unexpected-exec');
    expect(life.kinds()).not.toContain('several-senses');
  });

  it('is normal once a person has called it false, which costs no other source anything', () => {
    const life = known();
    life.live(15 * minute, aLittle);
    const { correction } = life.profile().budget;
    const before = recordOf(life.profile());
    const finding = life.findings.find(({ kind }) => kind === 'several-senses')?.id ?? '';
    life.say({ name: 'marked-false', finding });
    expect(life.profile().budget.correction).toBe(correction);
    expect(recordOf(life.profile())).toBeGreaterThan(1.5 * before);
    life.live(20 * minute);
    life.live(10 * minute, aLittle);
    expect(life.alarms()).toHaveLength(1);
  });
});

describe('quiet containers', () => {
  it.each(['flat', 'bursty', 'heavy-tailed'] as const)(
    'that are %s have no alarm of all senses in a day',
    (kind) => {
      const life = working(kind);
      life.live(day);
      expect(life.kinds()).not.toContain('several-senses');
    },
  );
});

describe('what is known of all senses together', () => {
  it('is the same after it was stored and read back', () => {
    const life = working('bursty');
    life.live(2 * hour);
    const packed = JSON.parse(JSON.stringify(packProfile(life.profile()))) as unknown;
    const once = packProfile(unpackProfile(readProfile(packed)));
    expect(once.together?.watchedMs).toBeGreaterThan(hour * 1000);
    expect(once.together?.rate.now).toEqual(life.profile().together.rate.now);
    const twice = packProfile(unpackProfile(readProfile(JSON.parse(JSON.stringify(once)))));
    expect(twice).toEqual(once);
  });
});

function recordOf({ together: { record } }: Profile): number {
  return Math.max(record.before, record.now);
}

import { describe, expect, it } from 'vitest';
import {
  beginContainer,
  createDetection,
  stepDetection,
} from '../../../../monitor/detect/detection.ts';
import type { Finding } from '../../../../monitor/model/finding.ts';
import { start } from '../starts/process-start.ts';
import { container, idleSecond, workload } from '../story.ts';

const minute = 60;
const day = 24 * 60 * minute;
const usual = { read: 40, write: 30, accept4: 4 };
/** Kinds that some programs make. */
const fresh = { ...usual, memfd_create: 50, execveat: 50 };

/** A server that has been watched for so many seconds, and starts a shell now and then. */
function watchedFor(seconds: number) {
  const detection = createDetection({ learnMs: 300_000, hostCpus: 4 });
  beginContainer(detection, workload, container, undefined, []);
  const findings: Finding[] = [];
  const of = { workload, container };
  const server = {
    detection,
    findings,
    at: 1e12,
    live(lasting: number, counts: Readonly<Record<string, number>> = usual, every = 1) {
      for (let second = 0; second < lasting; second += every) {
        server.at += every * 1000;
        const sampled = { at: server.at, intervalMs: every * 1000, ...of };
        const scaled = Object.fromEntries(
          Object.entries(counts).map(([name, count]) => [name, count * every]),
        );
        const calls = { kind: 'syscalls', counts: scaled, failed: {}, lost: 0 } as const;
        for (const seen of [
          { ...idleSecond(server.at), ...sampled },
          { ...calls, ...sampled },
        ]) {
          findings.push(...stepDetection(detection, seen).findings);
        }
      }
    },
    starts(program: string) {
      const seen = start({ at: server.at, program, ...of });
      findings.push(...stepDetection(detection, seen).findings);
    },
    alarms: () =>
      findings.filter(({ kind, severity }) => kind === 'unusual-calls' && severity !== 'info'),
    sources: () => detection.baselines.get(workload)?.profile.budget.sources,
  };
  server.starts('/bin/sh');
  server.live(10 * minute);
  server.live(seconds, usual, 10);
  return server;
}

describe('new system calls while only programs run that always did', () => {
  it('are an alarm also of a workload whose new work brought many new calls with new programs', () => {
    const server = watchedFor(minute);
    server.starts('/usr/bin/dpkg');
    server.live(3, { ...usual, sync_file_range: 5_000, symlinkat: 900 });
    server.live(day, usual, 10);
    expect(server.alarms()).toEqual([]);
    server.starts('/bin/sh');
    server.live(2, fresh);
    const [alarm] = server.alarms();
    expect(alarm?.severity).toBe('medium');
    expect(alarm?.sentence).toMatch(
      /^Made 50 `(memfd_create|execveat)` calls in 1 s; never before .* All programs that ran then are known\./,
    );
    // What starts since does not take back what was told.
    server.starts('/tmp/loot');
    server.live(3, { ...fresh, execveat: 5_000 });
    expect(server.alarms().every(({ id }) => id === alarm?.id)).toBe(true);
    expect(server.alarms().at(-1)?.status).toBe('open');
  });

  it('are recorded only where a program began that was never seen, or was never started so', () => {
    const server = watchedFor(minute);
    server.starts('/usr/bin/dpkg');
    server.live(3, { ...usual, sync_file_range: 5_000 });
    server.live(day, usual, 10);
    server.starts('/usr/bin/rsync');
    // It does nothing else at first.
    server.live(8 * minute);
    server.live(2, fresh);
    expect(server.alarms()).toEqual([]);
    expect(server.sources()?.['familiar-calls'].open).toBeUndefined();
    expect(server.sources()?.calls.open).toBeDefined();
  });

  it('are held against new programs only where starts are seen', () => {
    const server = watchedFor(day);
    const watch = server.detection.watches.get(container);
    if (watch !== undefined) watch.calls.unfamiliarAt = undefined;
    server.live(2, fresh);
    expect(server.sources()?.['familiar-calls'].open).toBeUndefined();
  });

  it('are not held against programs where starts were lost', () => {
    const server = watchedFor(day);
    const counts = { ...usual };
    const lossy = { kind: 'syscalls', intervalMs: 1000, counts, failed: {}, lost: 3 } as const;
    server.at += 1000;
    stepDetection(server.detection, { ...lossy, at: server.at, workload, container });
    server.live(2, fresh);
    expect(server.sources()?.['familiar-calls'].open).toBeUndefined();
  });

  it('called false count for their own source', () => {
    const server = watchedFor(2 * day);
    server.live(2, { ...usual, memfd_create: 2 });
    const [alarm] = server.alarms();
    expect(alarm?.id).toContain('system calls of known programs');
    const event = { name: 'marked-false', finding: alarm?.id ?? '' } as const;
    stepDetection(server.detection, { kind: 'control', at: server.at, workload, container, event });
    expect(server.sources()?.['familiar-calls'].history).toHaveLength(1);
    expect(server.sources()?.calls.history).toEqual([]);
  });

  it('are no alarm of a day where it is one kind, made twice: no history is long enough to say so', () => {
    const server = watchedFor(day - 20 * minute);
    server.live(1, { ...usual, memfd_create: 2 });
    expect(server.alarms()).toEqual([]);
    expect(server.findings.at(-1)?.sentence).toMatch(/the like comes once in 5 days\.$/);
  });
});

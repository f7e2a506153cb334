import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { agentKinds, agentLoad } from '../../../monitor/simulator/agents/agent.ts';
import type { AgentKind } from '../../../monitor/simulator/agents/agent.ts';
import { incidentLoad } from '../../../monitor/simulator/incident.ts';
import type { IncidentKind, Strength } from '../../../monitor/simulator/incident.ts';
import type { Load } from '../../../monitor/simulator/load.ts';

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const seconds = fc.integer({ min: 0, max: 10_000_000 });

function expectSound(load: Load): void {
  for (const [name, value] of Object.entries(load)) {
    expect(Number.isFinite(value), name).toBe(true);
    expect(value, name).toBeGreaterThanOrEqual(0);
  }
  expect(load.kernelShare).toBeLessThanOrEqual(1);
}

/** An hour of a behaviour. */
function hour(kind: AgentKind, seed: number): Load[] {
  return Array.from({ length: 3_600 }, (_, second) => agentLoad(kind, seed, second));
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe.each(agentKinds)('%s', (kind) => {
  test('asks for something sound in any second, and for the same when asked again', () => {
    fc.assert(
      fc.property(seeds, seconds, (seed, second) => {
        const load = agentLoad(kind, seed, second);
        expectSound(load);
        expect(load.cpuCores).toBeLessThanOrEqual(2);
        expect(load.processes).toBeGreaterThanOrEqual(1);
        expect(load).toEqual(agentLoad(kind, seed, second));
      }),
    );
  });
});

test('the behaviours differ as their names say', () => {
  for (const seed of [1, 77, 4_000_000_000]) {
    const cpu = (kind: AgentKind): number => mean(hour(kind, seed).map((load) => load.cpuCores));
    expect(cpu('idle')).toBeLessThan(0.01);
    expect(cpu('busy')).toBeGreaterThan(0.95);
    expect(cpu('coding')).toBeGreaterThan(0.03);
    expect(cpu('coding')).toBeLessThan(0.6);
    expect(cpu('building')).toBeGreaterThan(0.6);
    const bursts = hour('coding', seed).filter((load) => load.cpuCores > 0.35).length;
    expect(bursts).toBeGreaterThan(60);
    expect(bursts).toBeLessThan(2_000);
    const fetched = hour('downloading', seed).map((load) => load.receivedBytes);
    expect(mean(fetched)).toBeGreaterThan(500_000);
    const processes = hour('building', seed).map((load) => load.processes);
    expect(Math.max(...processes) - Math.min(...processes)).toBeGreaterThan(20);
  }
});

test('no quiet behaviour sends much for long', () => {
  for (const kind of agentKinds) {
    const sent = hour(kind, 5).map((load) => load.sentBytes);
    for (let from = 0; from < 3_570; from += 30) {
      expect(mean(sent.slice(from, from + 30)), kind).toBeLessThan(450 * 1024);
    }
  }
});

test('incidents add what is sound, at any time and strength', () => {
  const kinds = fc.constantFrom<IncidentKind>(
    'exfiltration',
    'fork-bomb',
    'memory-leak',
    'miner',
    'out-of-memory',
    'restart-loop',
    'unexpected-exec',
  );
  const strengths = fc.constantFrom<Strength>('weak', 'medium', 'strong');
  const cpus = fc.integer({ min: 1, max: 64 });
  fc.assert(
    fc.property(kinds, strengths, seconds, cpus, (kind, strength, elapsed, cores) => {
      const load = incidentLoad(kind, strength, elapsed, cores);
      expectSound(load);
      expect(load.cpuCores).toBeLessThanOrEqual(Math.max(cores, 1.1));
    }),
  );
});

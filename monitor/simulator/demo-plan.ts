import { megabyte } from './load.ts';
import { between } from './noise.ts';
import type { ContainerPlan, Plan } from './plan.ts';

export interface DemoOptions {
  /**
   * Virtual seconds before the first incident. The detectors learn for five minutes, and trail two
   * minutes behind; the default leaves them both.
   */
  readonly firstIncidentAfterSeconds?: number;
}

function composeLabels(project: string, service: string): Record<string, string> {
  return {
    'com.docker.compose.project': project,
    'com.docker.compose.service': service,
    'com.docker.compose.container-number': '1',
    'com.docker.compose.oneoff': 'False',
  };
}

/**
 * Eight agents as somebody could have them on a laptop. Two go wrong: the web agent begins to send
 * data out, and a while later the research agent begins to mine. Which second exactly, and every
 * figure, comes from the seed.
 */
export function demoPlan(seed: number, options: DemoOptions = {}): Plan {
  const first = options.firstIncidentAfterSeconds ?? 450;
  const jitter = Math.floor(between(0, 20, seed, 0, 1));
  const compose = (
    project: string,
    service: string,
    rest: Omit<ContainerPlan, 'name' | 'labels' | 'networks' | 'aliases'>,
  ): ContainerPlan => ({
    name: `${project}-${service}-1`,
    labels: composeLabels(project, service),
    networks: [`${project}_default`],
    aliases: [service],
    ...rest,
  });
  const containers: readonly ContainerPlan[] = [
    compose('webshop', 'coder', {
      agent: 'coding',
      image: 'ghcr.io/example/coding-agent:1.8',
      restartPolicy: { name: 'unless-stopped', maximumRetryCount: 0 },
      incidents: [
        { kind: 'exfiltration', strength: 'medium', afterSeconds: first + jitter },
        {
          kind: 'unexpected-exec',
          strength: 'strong',
          afterSeconds: first + jitter - 3,
        },
      ],
    }),
    compose('webshop', 'builder', {
      agent: 'building',
      image: 'node:24-bookworm',
      memoryLimitBytes: 4096 * megabyte,
    }),
    compose('webshop', 'tests', { agent: 'testing', image: 'node:24-bookworm' }),
    compose('research', 'agent', {
      agent: 'coding',
      image: 'ghcr.io/example/research-agent:0.4',
      incidents: [{ kind: 'miner', strength: 'medium', afterSeconds: first + 90 + jitter }],
    }),
    compose('research', 'fetcher', { agent: 'downloading', image: 'debian:bookworm-slim' }),
    compose('research', 'model', {
      agent: 'busy',
      image: 'ghcr.io/example/local-model:3',
      nanoCpus: 1_500_000_000,
    }),
    {
      name: 'docs-writer',
      agent: 'coding',
      image: 'ghcr.io/example/coding-agent:1.8',
      memoryLimitBytes: 2048 * megabyte,
      pidsLimit: 512,
    },
    {
      name: 'queue',
      agent: 'idle',
      image: 'redis:7-alpine',
      command: ['redis-server', '*:6379'],
      restartPolicy: { name: 'always', maximumRetryCount: 0 },
      healthCheck: { command: '/bin/sh -c redis-cli ping', intervalSeconds: 30 },
    },
  ];
  return {
    containers,
    networks: [{ name: 'webshop_default' }, { name: 'research_default', subnet: '10.77.0.0/24' }],
  };
}

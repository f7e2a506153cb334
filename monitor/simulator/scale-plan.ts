import { agentKinds } from './agents/agent.ts';
import { hash } from './noise.ts';
import type { ContainerPlan, Plan } from './plan.ts';

/** Containers of one compose project. */
const perProject = 20;

/**
 * So many quiet containers, of every behaviour, in compose projects of twenty on four networks.
 * No incidents.
 */
export function scalePlan(count: number, seed: number): Plan {
  const networks = [0, 1, 2, 3].map((number) => ({
    name: `agents-${number}`,
    subnet: `10.${100 + number}.0.0/16`,
  }));
  const containers = Array.from({ length: count }, (_, number): ContainerPlan => {
    const agent = agentKinds[hash(seed, number, 1) % agentKinds.length] ?? 'idle';
    const project = `team-${Math.floor(number / perProject)}`;
    const service = `${agent}-${number % perProject}`;
    return {
      name: `${project}-${service}-1`,
      agent,
      image: `ghcr.io/example/${agent}:1`,
      labels: {
        'com.docker.compose.project': project,
        'com.docker.compose.service': service,
      },
      networks: [`agents-${number % networks.length}`],
      aliases: [service],
    };
  });
  return { containers, networks };
}

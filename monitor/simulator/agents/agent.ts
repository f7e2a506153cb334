import type { Load } from '../load.ts';
import { building } from './building.ts';
import { busy } from './busy.ts';
import { coding } from './coding.ts';
import { downloading } from './downloading.ts';
import { idle } from './idle.ts';
import { testing } from './testing.ts';

/** What a simulated container spends its days with. */
export type AgentKind = 'building' | 'busy' | 'coding' | 'downloading' | 'idle' | 'testing';

/** Every behaviour there is, for plans that deal them out. */
export const agentKinds: readonly AgentKind[] = [
  'coding',
  'idle',
  'building',
  'testing',
  'downloading',
  'busy',
];

/** The load of one whole second (`second` ≥ 0) of a container: a pure function of its arguments. */
export function agentLoad(kind: AgentKind, seed: number, second: number): Load {
  switch (kind) {
    case 'building':
      return building(seed, second);
    case 'busy':
      return busy(seed, second);
    case 'coding':
      return coding(seed, second);
    case 'downloading':
      return downloading(seed, second);
    case 'idle':
      return idle(seed, second);
    case 'testing':
      return testing(seed, second);
  }
}

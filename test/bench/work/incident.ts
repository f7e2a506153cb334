import type {
  ContainerObservation,
  ResourceObservation,
  SyscallsObservation,
} from '../../../monitor/model/observation.ts';
import type { ContainerTraits } from './container-traits.ts';
import type { Claim } from './explanation.ts';

/** In falling order. `strong` is what has to be found in seconds, `weak` what hides in the work. */
export const strengths = ['strong', 'medium', 'weak'] as const;

export type Strength = (typeof strengths)[number];

/** What goes on in a container beside its work: a change to what is seen of it. Times are milliseconds since the onset. */
export interface Injection {
  /** What a reading becomes; its interval ends at `sinceMs`. Undefined: nothing of it is seen. */
  resource?(reading: ResourceObservation, sinceMs: number): ResourceObservation | undefined;
  syscalls?(window: SyscallsObservation, sinceMs: number): SyscallsObservation | undefined;
  /** What right explanations by a finding of this kind say so long after the onset; none for kinds that explain nothing. */
  explained(kind: string, sinceMs: number): readonly Claim[];
  /** What is seen beside that within (fromMs, toMs], by the time since the onset. */
  also?(fromMs: number, toMs: number): readonly Timed[];
}

/** An observation without its time and container, and when it is taken. */
export interface Timed {
  readonly sinceMs: number;
  readonly observation: Bare<ContainerObservation>;
}

type Bare<Kind> = Kind extends ContainerObservation
  ? Omit<Kind, 'at' | 'workload' | 'container'>
  : never;

/** A kind of incident, in three strengths. */
export interface Incident {
  readonly name: string;
  /** How much it is, in words. */
  readonly meaning: Readonly<Record<Strength, string>>;
  inject(strength: Strength, traits: ContainerTraits, random: () => number): Injection;
}

/** How long a strength is given to be found, milliseconds. */
export const horizonMs: Readonly<Record<Strength, number>> = {
  strong: 300_000,
  medium: 600_000,
  weak: 900_000,
};

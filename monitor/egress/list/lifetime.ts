import type { EgressLifetime } from '../../model/egress.ts';
import type { Moment } from '../../model/time.ts';
import { isRunning, type Workload } from '../../model/workload.ts';
import { failed, ok } from '../../runtime/result.ts';
import type { IsPast } from './deadlines.ts';
import type { BindLifetime } from './rule.ts';

/** What a lifetime is about, of a container. */
export type Subject = Pick<Workload, 'container' | 'startedAt' | 'imageId' | 'state' | 'name'>;

const minute = 60_000;

/** A rule for one use that nobody made use of is over after an hour. */
export const onceUnusedMs = 60 * minute;

/** A use is over when nothing was seen of it for so long; looks are five seconds apart. */
export const onceQuietMs = 30_000;

/** How long fifteen minutes are. */
export const quarterHourMs = 15 * minute;

/** Ties wishes to this moment and this container. */
export function bindTo(now: Moment, { name, container, startedAt, imageId, state }: Subject) {
  const bind: BindLifetime = (span) => {
    switch (span) {
      case 'forever':
        return ok(undefined);
      case 'once':
        return ok({ kind: 'once', since: now });
      case '15-minutes':
        return ok({ kind: 'until', at: now + quarterHourMs });
      case 'container':
        return isRunning(state) || state === 'paused'
          ? ok({ kind: 'container', container, startedAt })
          : failed(`${name} does not run: there is nothing that its stop could end.`);
      case 'image':
        return imageId === undefined
          ? failed(`The engine does not tell which image ${name} is made of.`)
          : ok({ kind: 'image', image: imageId });
    }
  };
  return bind;
}

/** Whether a rule with the lifetime holds for the container now. */
export function holdsFor(
  lifetime: EgressLifetime | undefined,
  { container, startedAt, imageId }: Subject,
  isPast: IsPast,
): boolean {
  if (lifetime === undefined) return true;
  switch (lifetime.kind) {
    case 'container':
      return lifetime.container === container && lifetime.startedAt === startedAt;
    case 'image':
      return lifetime.image === imageId;
    case 'until':
    case 'once':
      return !isOver(lifetime, isPast, [], false);
  }
}

/**
 * Whether a rule with the lifetime will hold for nobody any more. `known` are the containers of the
 * workload; `isAll` says whether there are no others, which just after a start nobody knows.
 */
export function isOver(
  lifetime: EgressLifetime | undefined,
  isPast: IsPast,
  known: readonly Subject[],
  isAll: boolean,
): boolean {
  if (lifetime === undefined) return false;
  switch (lifetime.kind) {
    case 'until':
      return isPast(lifetime.at);
    case 'once': {
      const { since, usedAt } = lifetime;
      return isPast(usedAt === undefined ? since + onceUnusedMs : usedAt + onceQuietMs);
    }
    case 'container': {
      const own = known.find(({ container }) => container === lifetime.container);
      if (own === undefined) return isAll;
      const runs = isRunning(own.state) || own.state === 'paused';
      return !runs || own.startedAt !== lifetime.startedAt;
    }
    case 'image':
      // With no container at all the next one may be of the same image.
      return known.length > 0 && isAll && known.every(({ imageId }) => imageId !== lifetime.image);
  }
}

import type { ContainerDetail } from '../engine/port.ts';
import { plainText } from '../runtime/plain-text.ts';
import { answerSoon } from './patience.ts';
import type { ResponseContext } from './response-context.ts';
import type { Subject } from './subject.ts';
import { restartsByItself } from './undo-notes.ts';

/** What the engine accepted of a freeze that it does not let read back. */
export interface Accepted {
  /** Ids of the networks that it said it detached. */
  readonly networks: ReadonlySet<string>;
  /** Whether it said that it holds the restart policy down. */
  readonly heldDown: boolean;
}

/** A frozen container as the engine's list shows it. */
export interface Listed {
  /** What is not as it has to be, or not known to be, in words. */
  readonly open: readonly string[];
}

/**
 * Reads a freeze back through the list of all containers. An engine (20.10) that froze a container
 * just as an exec or a health check was starting in it answers to nothing about that container for
 * half a minute or longer, and yet it is frozen: the list, which waits for no container, tells.
 * `last` is what the engine told of the container before. Undefined where the list does not say that
 * it is paused.
 */
export async function readList(
  context: ResponseContext,
  subject: Subject,
  last: ContainerDetail | undefined,
  accepted: Accepted,
): Promise<Listed | undefined> {
  const list = await answerSoon(context, 'list', context.engine.list());
  if (!list.ok) return undefined;
  const found = list.value.find(({ container }) => container === subject.container);
  if (found?.state !== 'paused') return undefined;
  return {
    open: [...openNetworks(last, found.networks, accepted), ...openRestart(last, accepted)],
  };
}

function openNetworks(
  last: ContainerDetail | undefined,
  listed: readonly string[] | undefined,
  accepted: Accepted,
): readonly string[] {
  const kind = last?.workload.network.kind;
  // What cannot be detached is told as such elsewhere.
  if (kind === 'shared') return [];
  if (listed !== undefined) {
    return listed
      .filter((name) => name !== 'none' && !(name === 'host' && kind === 'host'))
      .map(
        (name) =>
          `It is still attached to the network ${plainText(name, 60)}; it is detached as soon as the engine answers.`,
      );
  }
  const left = last?.endpoints.filter(({ networkId }) => !accepted.networks.has(networkId));
  return left?.length === 0 && accepted.networks.size === 0
    ? []
    : ['That it is off its networks is not read back yet.'];
}

function openRestart(last: ContainerDetail | undefined, accepted: Accepted): readonly string[] {
  const restarts = last === undefined || restartsByItself(last);
  return restarts && !accepted.heldDown ? ['The engine may start it again by itself.'] : [];
}

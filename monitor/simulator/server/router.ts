import type * as z from 'zod';
import {
  connectBody,
  connectContainer,
  disconnectBody,
  disconnectContainer,
} from './connections.ts';
import type { Container } from '../container.ts';
import { inspectPayload } from './container-payload.ts';
import { infoPayload, versionPayload } from './engine-payload.ts';
import { eventsReply } from './event-streams.ts';
import { parseFilters, passes } from './filters.ts';
import { notRunning, pauseContainer, startContainer, unpauseContainer } from '../lifecycle.ts';
import { listReply } from '../list.ts';
import { networkPayload } from './network-payload.ts';
import type { OpenStreams } from './open-streams.ts';
import type { Call } from '../operation.ts';
import { processTable } from '../process-table.ts';
import { errorReply, jsonReply } from './reply.ts';
import type { Reply } from './reply.ts';
import type { StatsStreams } from './stats-streams.ts';
import { killContainer, restartContainer, stopContainer } from '../termination.ts';
import { updateBody, updateContainer } from '../update.ts';
import { advanceUsage } from '../usage.ts';
import { emitContainerEvent } from '../world.ts';
import type { World } from '../world.ts';

/** A call with all that came with it. */
export interface Asked extends Call {
  readonly query: URLSearchParams;
  readonly body: string;
}

/** Docker's reading of a flag. */
function flag(query: URLSearchParams, name: string, otherwise: boolean): boolean {
  const text = query.get(name);
  if (text === null) return otherwise;
  return !['', '0', 'no', 'false', 'none'].includes(text.toLowerCase().trim());
}

/** Carries a call out and says what Docker would. */
export function answer(
  world: World,
  stats: StatsStreams,
  events: OpenStreams,
  asked: Asked,
): Reply {
  const { operation, query } = asked;
  switch (operation) {
    case 'ping':
      return { kind: 'plain', status: 200, text: 'OK' };
    case 'version':
      return jsonReply(versionPayload(world.settings));
    case 'info':
      return jsonReply(infoPayload(world));
    case 'list':
      return listReply(world, query.get('filters'), flag(query, 'all', false), query.get('limit'));
    case 'events':
      return eventsReply(world, events, query);
    case 'networks': {
      const parsed = parseFilters(query.get('filters'), ['name', 'id', 'driver', 'label', 'type']);
      if (!parsed.ok) return errorReply(parsed.status, parsed.message);
      const shown = world.networks
        .all()
        .filter(
          ({ name, id, driver }) =>
            passes(parsed.filters, 'name', (value) => name.includes(value)) &&
            passes(parsed.filters, 'id', (value) => id.includes(value)) &&
            passes(parsed.filters, 'driver', (value) => driver === value),
        );
      return jsonReply(shown.map((network) => networkPayload(world, network, false)));
    }
    case 'network':
    case 'connect':
    case 'disconnect':
      return networkAnswer(world, asked);
    case 'inspect':
    case 'top':
    case 'stats':
    case 'pause':
    case 'unpause':
    case 'kill':
    case 'stop':
    case 'start':
    case 'update':
    case 'restart':
      return withContainer(world, asked.reference, (container) =>
        containerAnswer(world, stats, container, { ...asked, operation }),
      );
  }
}

function withContainer(
  world: World,
  reference: string,
  act: (container: Container) => Reply,
): Reply {
  const found = world.containers.find(reference);
  switch (found.kind) {
    case 'found':
      return act(found.container);
    case 'ambiguous':
      return errorReply(400, `Multiple IDs found with provided prefix: ${reference}`);
    case 'missing':
      return errorReply(404, `No such container: ${reference}`);
  }
}

function networkAnswer(world: World, asked: Asked): Reply {
  const network = world.networks.find(asked.reference);
  if (network === undefined) return errorReply(404, `network ${asked.reference} not found`);
  if (asked.operation === 'network') return jsonReply(networkPayload(world, network, true));
  if (asked.operation === 'connect') {
    return withBody(world, asked.body, connectBody, (body) =>
      withContainer(world, body.Container, (container) =>
        connectContainer(world, network, container, body),
      ),
    );
  }
  return withBody(world, asked.body, disconnectBody, (body) =>
    withContainer(world, body.Container, (container) =>
      disconnectContainer(world, network, container),
    ),
  );
}

interface ContainerAsked extends Asked {
  readonly operation:
    | 'inspect'
    | 'top'
    | 'stats'
    | 'pause'
    | 'unpause'
    | 'kill'
    | 'stop'
    | 'start'
    | 'update'
    | 'restart';
}

function containerAnswer(
  world: World,
  stats: StatsStreams,
  container: Container,
  asked: ContainerAsked,
): Reply {
  const { query } = asked;
  const graceSeconds = Number.parseInt(query.get('t') ?? '10', 10) || 0;
  switch (asked.operation) {
    case 'inspect':
      return jsonReply(inspectPayload(container));
    case 'top':
      return topAnswer(world, container, query.get('ps_args') ?? '-ef');
    case 'stats':
      if (flag(query, 'stream', true)) return stats.stream(container);
      return flag(query, 'one-shot', false)
        ? stats.oneShot(container)
        : stats.afterTwoLooks(container);
    case 'pause':
      return pauseContainer(world, container);
    case 'unpause':
      return unpauseContainer(world, container);
    case 'kill':
      return killContainer(world, container, asked.reference, query.get('signal') ?? 'SIGKILL');
    case 'stop':
      return stopContainer(world, container, graceSeconds);
    case 'start':
      return startContainer(world, container);
    case 'restart':
      return restartContainer(world, container, graceSeconds);
    case 'update':
      return withBody(world, asked.body, updateBody, (body) =>
        updateContainer(world, container, body),
      );
  }
}

function topAnswer(world: World, container: Container, psArguments: string): Reply {
  const refusal = notRunning(container);
  if (refusal !== undefined) return refusal;
  const now = world.time.now();
  advanceUsage(container, now, world.settings);
  const table = processTable(container, world.settings, psArguments, now);
  if (!table.ok) return errorReply(500, table.message);
  emitContainerEvent(world, container, 'top');
  return jsonReply({ Processes: table.Processes, Titles: table.Titles });
}

function withBody<Body>(
  world: World,
  text: string,
  shape: z.ZodType<Body>,
  act: (body: Body) => Reply,
): Reply {
  // Engine 20.10 takes a broken body for its own failure; later ones for the caller's.
  const status = world.settings.apiVersion === '1.41' ? 500 : 400;
  let value: unknown;
  try {
    value = JSON.parse(text === '' ? '{}' : text);
  } catch {
    return errorReply(status, 'invalid character looking for beginning of object key string');
  }
  const parsed = shape.safeParse(value);
  if (parsed.success) return act(parsed.data);
  const issue = parsed.error.issues[0];
  return errorReply(status, `json: cannot unmarshal ${issue?.path.join('.') ?? ''}`);
}

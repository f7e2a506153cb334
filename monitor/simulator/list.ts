import type { Container } from './container.ts';
import { summaryPayload } from './server/container-payload.ts';
import { parseFilters, passes, passesLabels } from './server/filters.ts';
import type { Filters } from './server/filters.ts';
import { errorReply, jsonReply } from './server/reply.ts';
import type { Reply } from './server/reply.ts';
import type { World } from './world.ts';

const filterNames = ['id', 'name', 'label', 'status', 'network', 'ancestor', 'exited', 'health'];
const statuses = ['created', 'restarting', 'running', 'removing', 'paused', 'exited', 'dead'];

/** Answers `GET /containers/json`, the newest first. Without `all` only those that have processes. */
export function listReply(
  world: World,
  filterText: string | null,
  all: boolean,
  limit: string | null,
): Reply {
  const parsed = parseFilters(filterText, filterNames);
  if (!parsed.ok) return errorReply(parsed.status, parsed.message);
  const { filters } = parsed;
  const unknown = filters.get('status')?.find((status) => !statuses.includes(status));
  if (unknown !== undefined) return errorReply(400, `Invalid filter 'status=${unknown}'`);
  const most = Number.parseInt(limit ?? '0', 10) || 0;
  const everything = all || most > 0 || filters.has('status') || filters.has('exited');
  const shown: unknown[] = [];
  for (const container of [...world.containers.all()].reverse()) {
    const { status } = container.state;
    if (!everything && (status === 'created' || status === 'exited')) continue;
    if (!isWanted(container, filters)) continue;
    shown.push(summaryPayload(container, world.time.now()));
    if (shown.length === most) break;
  }
  return jsonReply(shown);
}

function isWanted(container: Container, filters: Filters): boolean {
  const { plan, id, endpoints, state, health, exitCode } = container;
  return (
    passes(filters, 'id', (value) => id.startsWith(value)) &&
    passes(filters, 'name', (value) => `/${plan.name}`.includes(value)) &&
    passes(filters, 'status', (value) => state.status === value) &&
    passes(filters, 'health', (value) => health === value) &&
    passes(filters, 'ancestor', (value) => plan.image === value) &&
    passes(filters, 'exited', (value) => state.status === 'exited' && String(exitCode) === value) &&
    passes(filters, 'network', (value) =>
      endpoints.some(({ network }) => network.name === value || network.id === value),
    ) &&
    passesLabels(filters, plan.labels ?? {})
  );
}

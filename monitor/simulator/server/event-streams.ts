import type { ServerResponse } from 'node:http';
import { eventFilterNames, nanosecondsOf, passesEventFilters } from '../event-log.ts';
import type { LoggedEvent } from '../event-log.ts';
import { parseFilters } from './filters.ts';
import type { Filters } from './filters.ts';
import type { OpenStreams } from './open-streams.ts';
import { errorReply } from './reply.ts';
import type { Reply } from './reply.ts';
import type { World } from '../world.ts';

interface Wanted {
  readonly since: bigint | undefined;
  readonly until: bigint | undefined;
  readonly filters: Filters;
}

/** `seconds` or `seconds.fraction` as nanoseconds since 1970; undefined when it is neither. */
export function parseMoment(text: string): bigint | undefined {
  const match = /^(-?\d{1,18})(?:\.(\d{1,9}))?$/.exec(text);
  if (match?.[1] === undefined) return undefined;
  return BigInt(match[1]) * 1_000_000_000n + BigInt((match[2] ?? '').padEnd(9, '0'));
}

/** Answers `GET /events`: what is kept from `since` on, then what happens, until `until`. */
export function eventsReply(world: World, streams: OpenStreams, query: URLSearchParams): Reply {
  const parsed = parseFilters(query.get('filters'), eventFilterNames);
  if (!parsed.ok) return errorReply(parsed.status, parsed.message);
  const [since, until] = ['since', 'until'].map((name) => query.get(name) ?? '');
  const from = parseMoment(since ?? '');
  const to = parseMoment(until ?? '');
  for (const [text, moment] of [
    [since, from],
    [until, to],
  ] as const) {
    if (text !== '' && moment === undefined) {
      return errorReply(400, `strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
    }
  }
  if (from !== undefined && to !== undefined && from > to) {
    const reason = `\`since\` time (${since}) cannot be after \`until\` time (${until})`;
    return errorReply(400, reason);
  }
  const wanted = { since: from, until: to, filters: parsed.filters };
  return { kind: 'stream', open: (response) => openEvents(world, streams, wanted, response) };
}

function openEvents(
  world: World,
  streams: OpenStreams,
  wanted: Wanted,
  response: ServerResponse,
): void {
  const over: (() => void)[] = [];
  const stream = streams.open(response, undefined, () => {
    for (const close of over) close();
  });
  const show = (event: LoggedEvent): void => {
    if (wanted.until !== undefined && nanosecondsOf(event) > wanted.until) return;
    if (passesEventFilters(event, wanted.filters)) stream.write(event.line);
  };
  if (wanted.since !== undefined || wanted.until !== undefined) {
    for (const event of world.events.since(wanted.since ?? 0n)) show(event);
  }
  if (wanted.until === undefined) {
    over.push(world.events.listen(show));
    return;
  }
  const untilMs = Number((wanted.until + 999_999n) / 1_000_000n);
  if (untilMs <= world.time.now()) {
    stream.end();
    return;
  }
  const ending = world.time.schedule.at(untilMs, () => stream.end());
  over.push(world.events.listen(show), () => ending.cancel());
}

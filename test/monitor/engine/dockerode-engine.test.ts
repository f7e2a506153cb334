import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import type {
  ContainerSummary,
  Engine,
  EngineError,
  EngineEvent,
  ResourceCounters,
  StreamHandlers,
} from '../../../monitor/engine/port.ts';
import { engineAt, startHostileServer, type HostileServer } from './hostile-server.ts';

const id = 'a1'.repeat(32);
const network = 'b2'.repeat(32);
const sample = JSON.stringify({
  read: '2026-11-22T11:50:02Z',
  cpu_stats: { cpu_usage: { total_usage: 5 } },
  memory_stats: { usage: 7 },
});
const event = JSON.stringify({
  Type: 'container',
  Action: 'start',
  Actor: { ID: id },
  timeNano: 17,
});

let server: HostileServer | undefined;
let engine: Engine | undefined;

afterEach(async () => {
  engine?.close();
  await server?.stop();
  engine = undefined;
  server = undefined;
});

async function against(answer: (response: ServerResponse, url: string) => void): Promise<Engine> {
  server = await startHostileServer((request, response) => answer(response, request.url ?? ''));
  engine = await engineAt(server.socketPath);
  return engine;
}

interface Heard<Item> extends StreamHandlers<Item> {
  readonly items: Item[];
  readonly garbage: string[];
  readonly ends: EngineError[];
  readonly ended: Promise<EngineError>;
}

function listener<Item>(): Heard<Item> {
  const { promise, resolve } = Promise.withResolvers<EngineError>();
  const items: Item[] = [];
  const garbage: string[] = [];
  const ends: EngineError[] = [];
  return {
    items,
    garbage,
    ends,
    ended: promise,
    onItem: (item) => items.push(item),
    onGarbage: (reason) => garbage.push(reason),
    onEnd: (error) => {
      ends.push(error);
      resolve(error);
    },
  };
}

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** As a body in chunks of so many bytes, without the one that ends it. */
function inChunks(text: string, bytes: number): string {
  let sent = '';
  for (let at = 0; at < text.length; at += bytes) {
    const chunk = text.slice(at, at + bytes);
    sent += `${chunk.length.toString(16)}\r\n${chunk}\r\n`;
  }
  return sent;
}

describe('A call to an engine that misbehaves', () => {
  test('ends in time when nothing is ever answered, and when the answer stalls in its middle', async () => {
    const there = await against((response, url) => {
      if (url.endsWith('/pause')) return;
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('[');
    });
    const before = performance.now();
    const [silent, stalled] = await Promise.all([there.pause(id), there.kill(id)]);
    expect(silent).toMatchObject({ ok: false, error: { kind: 'timeout' } });
    expect(stalled).toMatchObject({ ok: false, error: { kind: 'timeout' } });
    expect(performance.now() - before).toBeLessThan(30_000);
  });

  test('ends at once when the connection is cut in mid-answer', async () => {
    const there = await against((response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('[');
      setTimeout(() => response.destroy(), 20);
    });
    expect(await there.list()).toMatchObject({ ok: false, error: { kind: 'unreachable' } });
  });

  test.each([
    ['no JSON', 'surprise'],
    ['a cut answer', '[{"Id":'],
    ['another shape', '{"message":"hello"}'],
    ['a wrong type', JSON.stringify([{ Id: 5, State: 'running', Created: 1 }])],
  ])('says garbage for %s', async (_, text) => {
    const there = await against((response) => response.end(text));
    expect(await there.list()).toMatchObject({ ok: false, error: { kind: 'garbage' } });
  });

  test('says garbage for an answer without end, and reads it no further', async () => {
    const there = await against((response) => {
      const chunk = Buffer.alloc(1024 * 1024, 0x20);
      const more = (): void => {
        while (!response.destroyed && response.write(chunk));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    expect(await there.list()).toMatchObject({ ok: false, error: { kind: 'garbage' } });
  });

  test.each([
    [404, '{"message":"No such container"}', 'gone'],
    [409, '{"message":"is not running"}', 'conflict'],
    [500, '{"message":"Container x is not paused"}', 'conflict'],
    [500, 'plain words', 'failed'],
    [301, '', 'failed'],
  ])('with status %i and %s is told as such', async (status, body, kind) => {
    const there = await against((response) => response.writeHead(status).end(body));
    expect(await there.unpause(id)).toMatchObject({ ok: false, error: { kind } });
  });

  test('does not carry the engine’s control characters into the message', async () => {
    const message = JSON.stringify({ message: 'no \u001b[2Jsuch \u202ething' });
    const there = await against((response) => response.writeHead(404).end(message));
    const result = await there.pause(id);
    if (result.ok) throw new Error('It worked.');
    expect(result.error.message).toContain('such');
    expect(result.error.message).not.toMatch(/[\u0000-\u001f\u202e]/);
  });

  test('is given up as cancelled when the engine is closed', async () => {
    const there = await against(() => undefined);
    const pending = there.list();
    await pause(50);
    there.close();
    expect(await pending).toMatchObject({ ok: false, error: { kind: 'cancelled' } });
    expect(await there.list()).toMatchObject({ ok: false, error: { kind: 'cancelled' } });
  });

  test('that reads is sent again when the engine has just closed the idle connection', async () => {
    const used = new Set<unknown>();
    const there = await against((response) => {
      if (used.has(response.socket)) {
        response.socket?.destroy();
        return;
      }
      used.add(response.socket);
      response.end('[]');
    });
    for (let round = 0; round < 4; round += 1) {
      expect(await there.list()).toEqual({ ok: true, value: [] });
    }
    expect(used.size).toBe(4);
  });

  test('that changes something is sent once only', async () => {
    const there = await against((response) => response.socket?.destroy());
    const first = server!.requests.length;
    expect(await there.pause(id)).toMatchObject({ ok: false, error: { kind: 'unreachable' } });
    expect(server!.requests.slice(first)).toHaveLength(1);
  });

  test('that changes something does not wait behind reads that hang', async () => {
    const there = await against((response, url) => {
      if (url.endsWith('/pause')) response.writeHead(204).end();
    });
    for (let index = 0; index < 20; index += 1) void there.inspect(id);
    await pause(50);
    const before = performance.now();
    expect(await there.pause(id)).toEqual({ ok: true, value: undefined });
    // The reads are given up after ten seconds.
    expect(performance.now() - before).toBeLessThan(5_000);
  });
});

describe('What is sent', () => {
  test('is method, path and body as the API wants them, and nothing else', async () => {
    const there = await against((response) => response.writeHead(204).end());
    const first = server!.requests.length;
    await there.kill(id);
    await there.stop(id, 3);
    await there.update(id, { memoryBytes: 5, restartPolicy: { name: 'no', maximumRetryCount: 0 } });
    await there.update(id, {});
    await there.attach(network, id, { aliases: ['web'], ipv4: '10.0.0.9', ipv6: undefined });
    await there.detach(network, id);
    expect(server!.requests.slice(first)).toEqual([
      `POST /v1.41/containers/${id}/kill?signal=SIGKILL`,
      `POST /v1.41/containers/${id}/stop?t=3`,
      `POST /v1.41/containers/${id}/update`,
      `POST /v1.41/networks/${network}/connect`,
      `POST /v1.41/networks/${network}/disconnect`,
    ]);
    const sent = server!.bodies.slice(first);
    expect(sent.map((body): unknown => (body === '' ? '' : JSON.parse(body)))).toEqual([
      '',
      '',
      { RestartPolicy: { Name: 'no', MaximumRetryCount: 0 }, Memory: 5 },
      {
        Container: id,
        EndpointConfig: { Aliases: ['web'], IPAMConfig: { IPv4Address: '10.0.0.9' } },
      },
      { Container: id, Force: true },
    ]);
  });

  test.each(['web', '../images/json?', `${id}/exec?`, `${id}%2f..`, id.toUpperCase(), ''])(
    'is nothing when the id is %s',
    async (bad) => {
      const there = await against((response) => response.end('{}'));
      const first = server!.requests.length;
      const heard = listener<ResourceCounters>();
      const results = [
        await there.inspect(bad),
        await there.pause(bad),
        await there.kill(bad),
        await there.top(bad),
        await there.detach(bad, bad),
        await there.update(bad, { memoryBytes: 1 }),
      ];
      there.openStats(bad, heard);
      expect((await heard.ended).kind).toBe('forbidden');
      for (const result of results) {
        expect(result).toMatchObject({ ok: false, error: { kind: 'forbidden' } });
      }
      expect(server!.requests.slice(first)).toEqual([]);
    },
  );

  test('goes to the chosen socket although DOCKER_HOST names another', async () => {
    const there = await against((response) => response.end('[]'));
    const before = process.env['DOCKER_HOST'];
    process.env['DOCKER_HOST'] = 'tcp://192.0.2.1:9';
    try {
      expect((await there.list()).ok).toBe(true);
      expect((await there.inspect(id)).ok).toBe(false);
      expect(server!.requests.at(-1)).toContain(`/containers/${id}/json`);
    } finally {
      if (before === undefined) delete process.env['DOCKER_HOST'];
      else process.env['DOCKER_HOST'] = before;
    }
  });
});

describe('A stream from an engine that misbehaves', () => {
  test('reads on after garbage, a huge line and wrong types', async () => {
    const there = await against((response) => {
      response.write(`${sample}\nnonsense\n{"read":5}\n`);
      response.write(`${'x'.repeat(5 * 1024 * 1024)}\n`);
      response.end(sample);
    });
    const heard = listener<ResourceCounters>();
    there.openStats(id, heard);
    await heard.ended;
    expect(heard.items).toHaveLength(2);
    expect(heard.garbage).toHaveLength(3);
    expect(heard.garbage[2]).toContain('longer than');
  });

  test.each([
    ['cut off', (response: ServerResponse) => response.destroy()],
    ['ended', (response: ServerResponse) => response.end()],
  ])('that is %s ends once', async (_, finish) => {
    const there = await against((response) => {
      response.write(`${event}\n`);
      setTimeout(() => finish(response), 30);
    });
    const heard = listener<EngineEvent>();
    there.openEvents(undefined, heard);
    expect((await heard.ended).kind).toBe('unreachable');
    await pause(50);
    expect(heard.ends).toHaveLength(1);
    expect(heard.items).toHaveLength(1);
  });

  test.each([
    ['in chunks of one byte', 'Transfer-Encoding: chunked', (text: string) => inChunks(text, 1)],
    ['in one chunk', 'transfer-encoding: Chunked', (text: string) => inChunks(text, text.length)],
    ['until it closes', 'Connection: close', (text: string) => text],
    ['of a length it has told', `Content-Length: ${2 * sample.length + 2}`, (text: string) => text],
  ])('gives the same however it is sent: %s', async (_, header, encode) => {
    const there = await against((response) => {
      // By hand, a byte of the body already beside the head, and the next later.
      const sent = encode(`${sample}\n${sample}\n`);
      response.socket?.write(`HTTP/1.1 200 OK\r\n${header}\r\n\r\n${sent.slice(0, 1)}`);
      setTimeout(() => response.socket?.end(sent.slice(1)), 10);
    });
    const heard = listener<ResourceCounters>();
    there.openStats(id, heard);
    expect((await heard.ended).kind).toBe('unreachable');
    expect(heard.items).toHaveLength(2);
    expect([heard.garbage, heard.ends.length]).toEqual([[], 1]);
  });

  test('whose chunks cannot be told apart ends once, as garbage', async () => {
    const there = await against((response) => {
      const chunks = inChunks(`${sample}\n`, 100);
      response.socket?.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`);
      setTimeout(() => response.socket?.write(`nonsense\r\n${sample}\n`), 10);
    });
    const heard = listener<ResourceCounters>();
    there.openStats(id, heard);
    expect((await heard.ended).kind).toBe('garbage');
    await pause(30);
    expect([heard.items.length, heard.ends.length]).toEqual([1, 1]);
  });

  test.each([1, 4000])('that is announced %i times before is read all the same', async (times) => {
    const there = await against((response) => {
      response.socket?.write('HTTP/1.1 100 Continue\r\n\r\n'.repeat(times));
      response.socket?.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      response.socket?.write(inChunks(`${sample}\n`, 100));
    });
    const heard = listener<ResourceCounters>();
    there.openStats(id, heard);
    for (let waited = 0; heard.items.length === 0 && waited < 10_000; waited += 20) await pause(20);
    expect([heard.items.length, heard.ends]).toEqual([1, []]);
  });

  test('that is refused ends once, with the reason', async () => {
    const there = await against((response) =>
      response.writeHead(404).end('{"message":"No such container"}'),
    );
    const heard = listener<ResourceCounters>();
    there.openStats(id, heard);
    expect((await heard.ended).kind).toBe('gone');
  });

  test('says nothing more after it was closed', async () => {
    const there = await against((response) => {
      const again = (): void => {
        if (response.destroyed) return;
        response.write(`${sample}\n`);
        setTimeout(again, 5);
      };
      again();
    });
    const heard = listener<ResourceCounters>();
    const stream = there.openStats(id, heard);
    for (let waited = 0; heard.items.length === 0 && waited < 10_000; waited += 20) await pause(20);
    stream.close();
    const count = heard.items.length;
    expect(count).toBeGreaterThan(0);
    await pause(60);
    expect(heard.items).toHaveLength(count);
    expect(heard.ends).toEqual([]);
  });

  test('closed before it is open says nothing at all', async () => {
    const there = await against((response) => setTimeout(() => response.end(`${sample}\n`), 30));
    const heard = listener<ResourceCounters>();
    there.openStats(id, heard).close();
    await pause(80);
    expect([heard.items, heard.ends, heard.garbage]).toEqual([[], [], []]);
  });

  test('is asked for from a moment to the nanosecond', async () => {
    const there = await against((response) => response.end());
    const heard = listener<EngineEvent>();
    there.openEvents('1795348200000000042', heard);
    await heard.ended;
    expect(server!.requests.at(-1)).toContain('since=1795348200.000000042&');
  });
});

test('The list gives the own name of a container with links, and its time in milliseconds', async () => {
  const entry = {
    Id: id,
    Names: ['/web/database', '/database'],
    Image: 'postgres:18',
    Labels: null,
    State: 'running',
    Created: 1_795_348_200,
  };
  const there = await against((response) => response.end(JSON.stringify([entry])));
  const expected: readonly ContainerSummary[] = [
    {
      container: id,
      name: 'database',
      image: 'postgres:18',
      labels: {},
      state: 'running',
      createdAt: 1_795_348_200_000,
    },
  ];
  expect(await there.list()).toEqual({ ok: true, value: expected });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How answers are spoiled. */
export type Spoiling =
  /** Text that is no JSON. */
  | 'no-json'
  /** JSON with other types than the API promises. */
  | 'wrong-types'
  /** The first half, and then the connection is cut. */
  | 'half'
  /** Streams only: nothing comes through, and nothing is closed. */
  | 'mute';

/** A unix socket before an engine's that spoils what the engine answers. */
export interface GarblingProxy {
  readonly host: string;
  /** From now on answers whose path has one of these parts are spoiled; what streams, line by line. */
  spoil(how: Spoiling, pathParts: readonly string[]): void;
  /** From now on everything comes through as it is. */
  mend(): void;
  /** How many answers or pieces of streams were spoiled. */
  spoiled(): number;
  close(): Promise<void>;
}

/** Opens the proxy in a temporary folder. */
export async function openGarblingProxy(engineSocket: string): Promise<GarblingProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'sentra-garble-'));
  const path = join(folder, 'engine.sock');
  let rule: { readonly how: Spoiling; readonly parts: readonly string[] } | undefined;
  let count = 0;

  function howOf(url: string): Spoiling | undefined {
    const isMeant = rule?.parts.some((part) => url.includes(part)) === true;
    if (isMeant) count += 1;
    return isMeant ? rule?.how : undefined;
  }

  function answer(asked: IncomingMessage, response: ServerResponse): void {
    const { url = '', method, headers } = asked;
    const sent = request({ socketPath: engineSocket, path: url, method, headers, agent: false });
    asked.pipe(sent);
    response.on('close', () => sent.destroy());
    sent.on('error', () => response.destroy());
    sent.on('response', (answered) => {
      answered.on('error', () => response.destroy());
      const isStream = url.includes('/events') || url.includes('stream=true');
      if (isStream) {
        response.writeHead(answered.statusCode ?? 502, { 'content-type': 'application/json' });
        response.flushHeaders();
        answered.on('data', (chunk: Buffer) => passOn(url, chunk, response));
        answered.on('end', () => response.end());
        return;
      }
      const chunks: Buffer[] = [];
      answered.on('data', (chunk: Buffer) => chunks.push(chunk));
      answered.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        const how = body === '' ? undefined : howOf(url);
        const length = String(Buffer.byteLength(body));
        const isWhole = how !== 'half';
        response.writeHead(answered.statusCode ?? 502, {
          'content-type': answered.headers['content-type'] ?? 'text/plain',
          ...(isWhole ? {} : { 'content-length': length }),
        });
        if (isWhole) response.end(how === undefined ? body : spoiledText(how, body));
        else response.write(body.slice(0, body.length / 2), () => response.destroy());
      });
    });
  }

  function passOn(url: string, chunk: Buffer, response: ServerResponse): void {
    const how = howOf(url);
    if (how === undefined) response.write(chunk);
    else if (how === 'half')
      response.write(chunk.subarray(0, chunk.length / 2), () => response.destroy());
    else if (how !== 'mute') response.write(`${spoiledText(how, chunk.toString())}\n`);
  }

  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    host: `unix://${path}`,
    spoil(how, parts) {
      rule = { how, parts };
    },
    mend() {
      rule = undefined;
    },
    spoiled: () => count,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** JSON of the same shape with every value of another type. */
function otherTypes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(otherTypes);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, otherTypes(each)]));
  }
  return typeof value === 'string' ? 17 : typeof value === 'number' ? { many: true } : 'other';
}

function spoiledText(how: Spoiling, text: string): string {
  switch (how) {
    case 'no-json':
      return `\u0000\u001b[2J<html>502 ${text.slice(0, 40)}`;
    case 'wrong-types':
      try {
        return JSON.stringify(otherTypes(JSON.parse(text)));
      } catch {
        // Several lines at once, or no JSON at all.
        return '[{"Id":[],"Type":5,"read":{}}]';
      }
    case 'half':
    case 'mute':
      return text;
  }
}

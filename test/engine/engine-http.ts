import { request } from 'node:http';
import { Readable } from 'node:stream';

/** What an engine answered. */
export interface EngineAnswer {
  readonly status: number;
  readonly text: string;
}

/** What goes with a call. */
export interface EngineRequest {
  /** Sent as JSON; a stream is sent as it is. */
  readonly body?: unknown;
  /** 60,000 by default. */
  readonly timeoutMs?: number;
  /** Of the answer: `utf8` by default, `latin1` where it is not text. */
  readonly encoding?: BufferEncoding;
}

/**
 * One call to an engine's API on its unix socket, by hand: the tests must not see the engine
 * through the very adapter they test. Rejects when nobody listens or after `timeoutMs`.
 */
export function ask(
  socketPath: string,
  method: string,
  path: string,
  options: EngineRequest = {},
): Promise<EngineAnswer> {
  const { body, timeoutMs = 60_000, encoding = 'utf8' } = options;
  const stream = body instanceof Readable ? body : undefined;
  const json = body === undefined || stream !== undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const headers: Record<string, string> =
      stream !== undefined
        ? { 'Content-Type': 'application/x-tar' }
        : json !== undefined
          ? {
              'Content-Type': 'application/json',
              'Content-Length': String(Buffer.byteLength(json)),
            }
          : {};
    const sent = request({ socketPath, method, path, headers, agent: false });
    const timer = setTimeout(() => {
      sent.destroy(new Error(`${method} ${path}: no answer from the engine in ${timeoutMs} ms.`));
    }, timeoutMs);
    sent.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        clearTimeout(timer);
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(chunks).toString(encoding),
        });
      });
    });
    if (stream !== undefined) {
      stream.on('error', (error) => sent.destroy(error));
      stream.pipe(sent);
    } else {
      sent.end(json);
    }
  });
}

/** Like {@link ask}, but throws with the engine's own words on a status of 400 or more. */
export async function demand(
  socketPath: string,
  method: string,
  path: string,
  options: EngineRequest = {},
): Promise<unknown> {
  const { status, text } = await ask(socketPath, method, path, options);
  if (status >= 400) throw new Error(`${method} ${path}: the engine answered ${status}: ${text}`);
  return text === '' ? undefined : parse(text);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Some calls answer with plain text, or with one object a line.
    return text;
  }
}

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { HostSession } from './session.ts';

/** Where a page of `sentra://app` stands for Chromium, which knows no schemes of others. */
const standInHost = 'sentra.localhost';

/** `http://app.sentra.localhost/x` for `sentra://app/x`. Chromium takes it for a secure origin. */
export function toChromium(url: string): string {
  return url.replace(/^sentra:\/\/([^/]*)/, `http://$1.${standInHost}`);
}

/** `sentra://app/x` for `http://app.sentra.localhost/x`; others stay what they are. */
export function fromChromium(url: string): string {
  return url.replace(
    new RegExp(`^http://([^/]*)\\.${standInHost.replace('.', '\\.')}`),
    'sentra://$1',
  );
}

/** The one way out that a page has, whatever address it asks for. */
export interface Loopback {
  /** For example `http://127.0.0.1:40123`. */
  readonly address: string;
  close(): Promise<void>;
}

/**
 * A proxy on this machine that answers every request of a page as the session does. It leads nowhere:
 * what the session has no answer for is refused. Chromium's requests come to it as they do to a
 * handler of Electron's protocol, without a detour through what drives the browser.
 */
export async function startLoopback(session: HostSession): Promise<Loopback> {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const given = await session.answer(fromChromium(request.url ?? ''), request.method ?? 'GET');
    if (given.kind === 'blocked') {
      request.socket.destroy();
      return;
    }
    const { status, headers } = given.response;
    const body = Buffer.from(await given.response.arrayBuffer());
    response.writeHead(status, Object.fromEntries(headers)).end(body);
  }

  const server = createServer((request, response) => {
    // What cannot be answered ends as a lost connection, which the page sees as a failure.
    answer(request, response).catch(() => request.socket.destroy());
  });
  // What is encrypted is none of the app's: its pages have a scheme of their own.
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

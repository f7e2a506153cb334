import { chmod, rename, unlink } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { spoil } from '../fault.ts';
import type { Fault, Faults } from '../fault.ts';
import { callOf } from '../operation.ts';
import type { Call, Operation } from '../operation.ts';
import { done, errorReply, jsonReply } from './reply.ts';
import type { Reply } from './reply.ts';
import type { Settings } from '../settings.ts';

/** Bytes of a request's body that are read. */
const mostBodyBytes = 1024 * 1024;

/** A thousand streams may be opened in one go; Linux allows 4096 by default, as dockerd asks for. */
const mostWaitingConnections = 4_096;

/** What each action answers when it was done: the same when it only pretends. */
const successes: ReadonlyMap<Operation, Reply> = new Map([
  ['pause', done],
  ['unpause', done],
  ['kill', done],
  ['stop', done],
  ['start', done],
  ['restart', done],
  ['update', jsonReply({ Warnings: null })],
  ['connect', { kind: 'empty', status: 200 }],
  ['disconnect', { kind: 'empty', status: 200 }],
]);

/** What the server asks of the engine behind it. */
export interface Engine {
  readonly settings: Settings;
  readonly faults: Faults;
  /** Carries a call out. */
  answer(asked: Call & { readonly query: URLSearchParams; readonly body: string }): Reply;
  /** The name of the container that a call is about. */
  nameOf(call: Call, body: string): string | undefined;
}

/** HTTP on a unix socket, for one simulated engine. It can go away and come back. */
export class SocketServer {
  readonly #path: string;
  readonly #engine: Engine;
  readonly #sockets = new Set<Socket>();
  readonly #delays = new Set<NodeJS.Timeout>();
  #server: Server | undefined;

  constructor(path: string, engine: Engine) {
    this.#path = path;
    this.#engine = engine;
  }

  /** Listens, over a socket file that nobody listens on any more if need be. */
  async open(): Promise<void> {
    const server = createServer((request, response) => this.#receive(request, response));
    // As dockerd: a connection may be idle for as long as its client likes.
    server.keepAliveTimeout = 0;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    if (await isStale(this.#path)) await unlink(this.#path);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ path: this.#path, backlog: mostWaitingConnections }, () => {
        server.removeListener('error', reject);
        resolve();
      });
    });
    await chmod(this.#path, 0o600);
    this.#server = server;
  }

  /** Cuts every connection and stops listening. `leaveSocket` leaves the file behind, as a crash does. */
  async close(leaveSocket: boolean): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    for (const delay of this.#delays) clearTimeout(delay);
    this.#delays.clear();
    // Closing removes the file by its name, so it is out of the way meanwhile.
    const aside = `${this.#path}.aside`;
    if (leaveSocket) await rename(this.#path, aside);
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
    });
    if (leaveSocket) await rename(aside, this.#path);
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const parts: Buffer[] = [];
    let size = 0;
    request.on('data', (part: Buffer) => {
      size += part.length;
      if (size <= mostBodyBytes) parts.push(part);
    });
    request.on('end', () => {
      const body = size > mostBodyBytes ? '' : Buffer.concat(parts).toString('utf8');
      this.#handle(request.method ?? 'GET', request.url ?? '/', body, response);
    });
  }

  #handle(method: string, url: string, body: string, response: ServerResponse): void {
    const { settings, faults } = this.#engine;
    for (const [name, value] of headersOf(settings)) response.setHeader(name, value);
    const at = url.indexOf('?');
    const whole = at < 0 ? url : url.slice(0, at);
    const query = new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
    const versioned = /^\/v(\d+)\.(\d+)(\/.*)$/.exec(whole);
    const refusal = versioned === null ? undefined : versionRefusal(settings, versioned);
    if (refusal !== undefined) {
      send(response, refusal);
      return;
    }
    const call = callOf(method, versioned?.[3] ?? whole);
    if (call === undefined) {
      send(response, errorReply(404, 'page not found'));
      return;
    }
    const { operation } = call;
    const streams = operation === 'events' || (operation === 'stats' && !isOnce(query));
    const kinds: Fault['kind'][] = ['stall', 'slow', 'refuse'];
    // The lines of a stream have garbage and cuts of their own.
    if (!streams) kinds.push('garbage', 'cut');
    const success = successes.get(operation);
    if (success !== undefined) kinds.push('pretend');
    const fault = faults.take(operation, this.#engine.nameOf(call, body), kinds);
    const act = (): Reply => this.#engine.answer({ ...call, query, body });
    this.#answer(response, fault, act, success ?? done);
  }

  #answer(
    response: ServerResponse,
    fault: Fault | undefined,
    act: () => Reply,
    success: Reply,
  ): void {
    switch (fault?.kind) {
      case undefined:
        finish(response, act(), (reply) => reply);
        return;
      case 'stall':
        return;
      case 'cut':
        response.destroy();
        return;
      case 'refuse':
        send(response, errorReply(fault.status, fault.message));
        return;
      case 'pretend':
        send(response, success);
        return;
      case 'garbage': {
        const { form } = fault;
        finish(response, act(), (reply) =>
          reply.kind === 'json' ? { ...reply, text: spoil(reply.text, form) } : reply,
        );
        return;
      }
      case 'slow': {
        const delay = setTimeout(() => {
          this.#delays.delete(delay);
          finish(response, act(), (reply) => reply);
        }, fault.delayMs);
        this.#delays.add(delay);
        return;
      }
    }
  }
}

function isOnce(query: URLSearchParams): boolean {
  return ['0', 'false', 'no', 'none', ''].includes(query.get('stream') ?? 'true');
}

/** Answers now, or when the answer is there. */
function finish(response: ServerResponse, reply: Reply, change: (reply: Reply) => Reply): void {
  if (reply.kind === 'later') reply.wait((late) => finish(response, late, change));
  else if (!response.destroyed) send(response, change(reply));
}

function send(response: ServerResponse, reply: Reply): void {
  switch (reply.kind) {
    case 'json':
      response.writeHead(reply.status, {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(reply.text),
      });
      response.end(reply.text);
      return;
    case 'plain':
      response.writeHead(reply.status, { 'Content-Type': 'text/plain; charset=utf-8' });
      response.end(reply.text);
      return;
    case 'empty':
      response.writeHead(reply.status);
      response.end();
      return;
    case 'stream':
      reply.open(response);
      return;
    case 'later':
      reply.wait((late) => send(response, late));
      return;
  }
}

function headersOf(settings: Settings): readonly (readonly [string, string])[] {
  return [
    ['Api-Version', settings.apiVersion],
    ['Docker-Experimental', 'false'],
    ['Ostype', 'linux'],
    ['Server', `Docker/${settings.engineVersion} (linux)`],
  ];
}

function versionRefusal(settings: Settings, versioned: RegExpExecArray): Reply | undefined {
  const asked = Number(versioned[1]) * 1_000 + Number(versioned[2]);
  const order = (version: string): number => {
    const [major, minor] = version.split('.');
    return Number(major) * 1_000 + Number(minor);
  };
  const { apiVersion, oldestApiVersion } = settings;
  const shown = `${versioned[1] ?? ''}.${versioned[2] ?? ''}`;
  if (asked > order(apiVersion)) {
    const limit = `Maximum supported API version is ${apiVersion}`;
    return errorReply(400, `client version ${shown} is too new. ${limit}`);
  }
  if (asked >= order(oldestApiVersion)) return undefined;
  const limit = `Minimum supported API version is ${oldestApiVersion}`;
  const advice = 'please upgrade your client to a newer version';
  return errorReply(400, `client version ${shown} is too old. ${limit}, ${advice}`);
}

/** Whether a socket's file is there and nobody listens. */
function isStale(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(false);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
}

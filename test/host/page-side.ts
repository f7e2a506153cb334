import { decode, encode } from './codec.ts';

/** The name of the world in which Electron runs a preload. */
export const worldName = 'Electron Isolated Context';

/** The binding by which the preload's world reaches the host; its page's world has none. */
export const bindingName = '__hostBinding';

/** The function by which the host reaches the preload's world. */
export const receiverName = '__hostReceive';

/** What the host tells the preload's world: an event on a channel, or how a call ended. */
export type HostMessage =
  | [kind: 'event', channel: string, values: string]
  | [kind: 'reply' | 'error', call: number, text: string];

/**
 * Run in the page's own world before any script of the page: gives it what the preload exposes.
 * `token` names the DOM events by which both worlds speak; they cross by structured clone, at once.
 */
export function mainWorld(token: string): void {
  if (window !== window.top) return;
  const listen = EventTarget.prototype.addEventListener.bind(window);
  const dispatch = EventTarget.prototype.dispatchEvent.bind(window);
  const callbacks = new Map<number, (...values: unknown[]) => unknown>();
  const promises = new Map<number, PromiseWithResolvers<unknown>>();
  let nextCallback = 0;
  const answers: Answer[] = [];
  type Answer =
    | { kind: 'value'; value: unknown }
    | { kind: 'promise'; id: number }
    | { kind: 'function'; id: number }
    | { kind: 'error'; message: string };

  function call(id: number, values: unknown[]): unknown {
    const given = values.map((value) => {
      if (typeof value !== 'function') return { value };
      nextCallback += 1;
      callbacks.set(nextCallback, value as () => unknown);
      return { callback: nextCallback };
    });
    const event = new CustomEvent(`${token}-call`, { detail: { id, given } });
    // Null: it could not be cloned.
    if ((event.detail as unknown) === null) throw new Error('An object could not be cloned.');
    answers.length = 0;
    dispatch(event);
    const told = answers.pop();
    if (told === undefined) throw new Error('An object could not be cloned.');
    switch (told.kind) {
      case 'value':
        return told.value;
      case 'error':
        throw new Error(told.message);
      case 'function':
        return (...more: unknown[]) => call(told.id, more);
      case 'promise': {
        const settling = Promise.withResolvers<unknown>();
        promises.set(told.id, settling);
        return settling.promise;
      }
    }
  }

  listen(`${token}-answer`, (event) => {
    answers.push((event as CustomEvent<Answer>).detail);
  });
  listen(`${token}-settle`, (event) => {
    const { id, ok, value } = (event as CustomEvent<{ id: number; ok: boolean; value: unknown }>)
      .detail;
    if (ok) promises.get(id)?.resolve(value);
    else promises.get(id)?.reject(new Error(String(value)));
    promises.delete(id);
  });
  listen(`${token}-callback`, (event) => {
    const { id, values } = (event as CustomEvent<{ id: number; values: unknown[] }>).detail;
    callbacks.get(id)?.(...values);
  });
  listen(`${token}-expose`, (event) => {
    const { key, members } = (
      event as CustomEvent<{ key: string; members: Record<string, number> }>
    ).detail;
    const api = Object.fromEntries(
      Object.entries(members).map(([name, id]) => [
        name,
        (...values: unknown[]) => call(id, values),
      ]),
    );
    Object.defineProperty(window, key, { value: Object.freeze(api), enumerable: true });
  });
}

/**
 * Run in the preload's world before the preload: `require` with what a sandboxed preload may have, and
 * both halves of what it stands between. Gives the `require`.
 */
export function isolatedWorld(
  token: string,
  tools: { encode: typeof encode; decode: typeof decode; binding: string; receiver: string },
): ((name: string) => unknown) | undefined {
  if (window !== window.top) return undefined;
  const world = globalThis as unknown as Record<string, (text: string) => void>;
  const receive = globalThis as unknown as Record<string, (...message: HostMessage) => void>;
  const functions = new Map<number, (...values: unknown[]) => unknown>();
  const pending = new Map<number, PromiseWithResolvers<unknown>>();
  const listeners = new Map<string, Set<(event: unknown, ...values: unknown[]) => void>>();
  let nextId = 0;
  const dispatch = (kind: string, detail: unknown): void => {
    window.dispatchEvent(new CustomEvent(`${token}-${kind}`, { detail }));
  };
  const post = (message: object): void => world[tools.binding]?.(JSON.stringify(message));
  const keep = (of: (...values: never[]) => unknown): number => {
    nextId += 1;
    functions.set(nextId, of as (...values: unknown[]) => unknown);
    return nextId;
  };

  window.addEventListener(`${token}-call`, (event) => {
    const { id, given } = (
      event as CustomEvent<{ id: number; given: { value?: unknown; callback?: number }[] }>
    ).detail;
    const values = given.map(({ value, callback }) =>
      callback === undefined
        ? value
        : (...told: unknown[]) => dispatch('callback', { id: callback, values: told }),
    );
    try {
      const result = functions.get(id)?.(...values);
      if (result instanceof Promise) {
        nextId += 1;
        const promise = nextId;
        dispatch('answer', { kind: 'promise', id: promise });
        result.then(
          (value: unknown) => dispatch('settle', { id: promise, ok: true, value }),
          (error: unknown) =>
            dispatch('settle', { id: promise, ok: false, value: (error as Error).message }),
        );
      } else if (typeof result === 'function') {
        dispatch('answer', { kind: 'function', id: keep(result as () => unknown) });
      } else dispatch('answer', { kind: 'value', value: result });
    } catch (error) {
      dispatch('answer', { kind: 'error', message: (error as Error).message });
    }
  });

  receive[tools.receiver] = (kind, key, text): void => {
    if (kind === 'event') {
      const values = tools.decode(text) as unknown[];
      for (const listener of [...(listeners.get(key) ?? [])]) {
        listener({ sender: ipcRenderer, ports: [] }, ...values);
      }
      return;
    }
    const settling = pending.get(key);
    pending.delete(key);
    if (kind === 'error') settling?.reject(new Error(text));
    else settling?.resolve(tools.decode(text));
  };

  const ipcRenderer = {
    invoke(channel: string, ...values: unknown[]) {
      const text = tools.encode(values);
      nextId += 1;
      const id = nextId;
      const settling = Promise.withResolvers<unknown>();
      pending.set(id, settling);
      post({ type: 'invoke', id, channel, values: text });
      return settling.promise;
    },
    on(channel: string, listener: (event: unknown, ...values: unknown[]) => void) {
      const known = listeners.get(channel) ?? new Set();
      listeners.set(channel, known.add(listener));
      return ipcRenderer;
    },
    off(channel: string, listener: (event: unknown, ...values: unknown[]) => void) {
      listeners.get(channel)?.delete(listener);
      return ipcRenderer;
    },
  };
  const exposed = new Set<string>();
  const contextBridge = {
    exposeInMainWorld(key: string, api: Record<string, (...values: never[]) => unknown>) {
      if (exposed.has(key)) {
        throw new Error('Cannot bind an API on top of an existing property on the window object');
      }
      exposed.add(key);
      const members = Object.fromEntries(
        Object.entries(api).map(([name, member]) => {
          if (typeof member === 'function') return [name, keep(member)];
          throw new Error('stand-in: exposing anything but functions is not implemented');
        }),
      );
      dispatch('expose', { key, members });
    },
  };
  return (name) => {
    if (name === 'electron') return { contextBridge, ipcRenderer };
    throw new Error(`module not found: ${name}`);
  };
}

/** The scripts for both worlds, with the preload's bundle in its place. */
export function pageScripts(preload: string): { readonly main: string; readonly isolated: string } {
  const token = `host-${crypto.randomUUID()}`;
  const tools = `{ encode: ${encode.toString()}, decode: ${decode.toString()}, binding: ${JSON.stringify(bindingName)}, receiver: ${JSON.stringify(receiverName)} }`;
  return {
    main: `(${mainWorld.toString()})(${JSON.stringify(token)});`,
    isolated:
      `{ const require = (${isolatedWorld.toString()})(${JSON.stringify(token)}, ${tools});\n` +
      `if (require !== undefined) (function (require, module, exports) {\n${preload}\n})(require, { exports: {} }, {}); }`,
  };
}

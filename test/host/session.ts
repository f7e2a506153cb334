import type { Protocol, Session, WebRequest } from 'electron';
import { strict } from './strict.ts';

type SchemeHandler = (request: Request) => Response | Promise<Response>;
type RequestListener = Parameters<WebRequest['onBeforeRequest']>[0];

/** What a page's request is answered with. */
export type HostAnswer =
  { readonly kind: 'response'; readonly response: Response } | { readonly kind: 'blocked' };

/** The stand-in's one session with its protocol, and what its pages are answered. */
export interface HostSession {
  readonly session: Session;
  readonly protocol: Protocol;
  /** What the app would answer a request of a page. What no scheme serves is blocked: there is no network. */
  answer(url: string, method: string): Promise<HostAnswer>;
  /** Requests that the app itself cancelled. */
  readonly cancelled: readonly string[];
  /** Whether a page gets this permission; Electron grants whatever nobody refuses. */
  grants(permission: string): boolean;
}

/** A session; `isReady` says whether the app is, for what may only be done before or after. */
export function createHostSession(isReady: () => boolean): HostSession {
  const handlers = new Map<string, SchemeHandler>();
  const cancelled: string[] = [];
  let registered = false;
  let listener: RequestListener | null = null;
  let checks: ((permission: string) => boolean) | undefined;
  let asks: ((permission: string) => boolean) | undefined;

  const protocol = {
    registerSchemesAsPrivileged() {
      if (isReady()) {
        throw new Error(
          'protocol.registerSchemesAsPrivileged should be called before app is ready',
        );
      }
      if (registered) throw new Error('stand-in: schemes are registered once');
      registered = true;
    },
    handle(scheme, handler) {
      if (handlers.has(scheme)) throw new Error(`Failed to register protocol: ${scheme}`);
      handlers.set(scheme, handler);
    },
    unhandle(scheme) {
      if (!handlers.delete(scheme)) throw new Error(`Failed to unhandle protocol: ${scheme}`);
    },
  } satisfies Partial<Protocol>;

  const session = {
    protocol: strict('protocol', protocol),
    setPermissionRequestHandler(handler: Parameters<Session['setPermissionRequestHandler']>[0]) {
      asks = (permission) => {
        let granted = false;
        // The page that asks is not told apart: the shell refuses all.
        handler?.(
          undefined as never,
          permission as never,
          (answer) => (granted = answer),
          {} as never,
        );
        return handler === null || granted;
      };
    },
    setPermissionCheckHandler(handler: Parameters<Session['setPermissionCheckHandler']>[0]) {
      checks = (permission) =>
        handler === null || handler(null, permission as never, '', {} as never);
    },
    setDevicePermissionHandler: () => undefined,
    webRequest: strict('webRequest', {
      onBeforeRequest(next: RequestListener | null) {
        listener = next;
      },
    }),
  };

  return {
    session: strict('session', session) as unknown as Session,
    protocol: session.protocol as unknown as Protocol,
    cancelled,
    grants: (permission) => (checks?.(permission) ?? true) && (asks?.(permission) ?? true),
    async answer(url, method) {
      const verdict: { cancel?: boolean } = {};
      listener?.({ url, method } as never, (response) => Object.assign(verdict, response));
      if (verdict.cancel === true) {
        cancelled.push(url);
        return { kind: 'blocked' };
      }
      const handler = handlers.get(new URL(url).protocol.replace(':', ''));
      if (handler === undefined) return { kind: 'blocked' };
      return { kind: 'response', response: await handler(new Request(url, { method })) };
    },
  };
}

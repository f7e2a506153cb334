import { readFile } from 'node:fs/promises';
import { extname, isAbsolute, join, normalize, relative } from 'node:path';
import type { ElectronApi } from '../electron.ts';
import { contentSecurityPolicy } from './content-policy.ts';

/** The scheme of the pages: not `file:`, which may read every file and knows no headers. */
export const scheme = 'sentra';

/** The origin of the pages. */
export const appOrigin = `${scheme}://app`;

/** The first page. */
export const appUrl = `${appOrigin}/index.html`;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** Makes the scheme a proper origin. Before the app is ready, once. */
export function registerScheme({ protocol }: Pick<ElectronApi, 'protocol'>): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme,
      privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
    },
  ]);
}

/** Serves the files of one folder, read only, under the scheme. Once the app is ready. */
export function serveScheme({ protocol }: Pick<ElectronApi, 'protocol'>, folder: string): void {
  protocol.handle(scheme, (request) => answer(request, folder));
}

async function answer(request: Request, folder: string): Promise<Response> {
  const { host, pathname } = new URL(request.url);
  if (host !== 'app' || (request.method !== 'GET' && request.method !== 'HEAD')) return notFound();
  const path = fileWithin(folder, pathname);
  const type = path === undefined ? undefined : types[extname(path)];
  if (path === undefined || type === undefined) return notFound();
  try {
    return new Response(await readFile(path), { headers: { ...headers, 'Content-Type': type } });
  } catch {
    return notFound();
  }
}

const headers = {
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-cache',
} as const;

function notFound(): Response {
  return new Response('Not found', { status: 404, headers });
}

/** The file that a path names within the folder; undefined for one that leads out of it. */
export function fileWithin(folder: string, pathname: string): string | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    // Not a proper escape sequence.
    return undefined;
  }
  if (decoded.includes('\0') || decoded.includes('\\')) return undefined;
  const path = normalize(join(folder, decoded));
  const inside = relative(folder, path);
  return inside === '' || inside.startsWith('..') || isAbsolute(inside) ? undefined : path;
}

import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contentSecurityPolicy } from '../../../main/security/content-policy.ts';
import { fileWithin, registerScheme, serveScheme } from '../../../main/security/scheme.ts';
import { createHostSession } from '../../host/session.ts';

const pages = join(import.meta.dirname, '../../../renderer');

async function answered(url: string, method = 'GET'): Promise<Response | undefined> {
  const host = createHostSession(() => false);
  registerScheme(host);
  serveScheme(host, pages);
  const answer = await host.answer(url, method);
  return answer.kind === 'response' ? answer.response : undefined;
}

describe('The scheme', () => {
  test('serves a page with the policy in its header.', async () => {
    const response = await answered('sentra://app/index.html');
    expect(response?.status).toBe(200);
    expect(response?.headers.get('content-security-policy')).toBe(contentSecurityPolicy);
    expect(response?.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test.each([
    ['another host', 'sentra://other/index.html', 'GET'],
    ['a file that is not there', 'sentra://app/none.html', 'GET'],
    ['a kind of file it does not know', 'sentra://app/app/entry.tsx', 'GET'],
    ['a way out', 'sentra://app/..%2f..%2fpackage.json', 'GET'],
    ['a message to it', 'sentra://app/index.html', 'POST'],
  ])('does not serve %s.', async (_, url, method) => {
    expect((await answered(url, method))?.status).toBe(404);
  });

  test('never leads out of its folder, whatever is asked.', () => {
    const part = fc.oneof(
      fc.string(),
      fc.constantFrom('..', '%2e%2e', '%2f', '/', '\\', '%5c', '\0'),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const path = fileWithin('/pages', `/${parts.join('/')}`);
        expect(path === undefined || path.startsWith('/pages/')).toBe(true);
      }),
    );
  });
});

describe('The policy of the pages', () => {
  test('lets in nothing inline, nothing evaluated, nothing from elsewhere.', () => {
    expect(contentSecurityPolicy).toContain("default-src 'none'");
    expect(contentSecurityPolicy).not.toMatch(/unsafe|https?:|\*/);
  });
});

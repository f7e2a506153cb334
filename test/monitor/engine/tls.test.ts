import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectEngine, type ConnectFailure } from '../../../monitor/engine/connect.ts';
import { systemEnvironment } from '../../../monitor/engine/environment.ts';
import type { Engine } from '../../../monitor/engine/port.ts';
import type { Result } from '../../../monitor/runtime/result.ts';
import { silentLogger } from '../../../monitor/runtime/logger.ts';

const folder = mkdtempSync(join(tmpdir(), 'sentra-tls-'));
const made = spawnSync('openssl', [
  ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost'],
  ...['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')],
  ...['-addext', 'subjectAltName=DNS:localhost'],
]);
const possible = made.status === 0;
const reason = possible ? '' : ' (skipped: openssl is missing, so no certificate can be made)';

describe.skipIf(!possible)(`An engine behind TLS${reason}`, () => {
  let server: Server;
  let port: number;

  beforeAll(async () => {
    const cert = readFileSync(join(folder, 'cert.pem'));
    const key = readFileSync(join(folder, 'key.pem'));
    const options = { cert, key, ca: cert, requestCert: true, rejectUnauthorized: true };
    server = createServer(options, (request, response) => {
      response.setHeader('Api-Version', '1.41');
      if (request.url === '/_ping') response.end('OK');
      else response.end(JSON.stringify({ ApiVersion: '1.41', ID: 'FAR' }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
    // The one certificate is its own authority.
    const copied = spawnSync('cp', [join(folder, 'cert.pem'), join(folder, 'ca.pem')]);
    expect(copied.status).toBe(0);
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  async function connect(
    host: string,
    variables: Readonly<Record<string, string>>,
  ): Promise<Result<Engine, ConnectFailure>> {
    const all = { ...variables, DOCKER_HOST: `tcp://${host}:${port}` };
    return await connectEngine({
      environment: { ...systemEnvironment(), variables: all },
      logger: silentLogger,
      signal: new AbortController().signal,
    });
  }

  const certificates = { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folder };

  test('is reached with the certificates of DOCKER_CERT_PATH', async () => {
    const connected = await connect('localhost', certificates);
    if (!connected.ok) throw new Error(JSON.stringify(connected.error));
    expect(connected.value.about.id).toBe('FAR');
    connected.value.close();
  });

  test.each([
    ['with a certificate for another name', '127.0.0.1', certificates, 'certificate'],
    [
      'with a certificate of unknown origin',
      'localhost',
      { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/nonexistent' },
      'certificate',
    ],
    ['without TLS on our side', 'localhost', {}, 'TLS'],
  ])('is refused %s', async (_, host, variables, word) => {
    const connected = await connect(host, variables);
    if (connected.ok) throw new Error('It connected.');
    const { error } = connected.error.attempts[0]!;
    expect(`${error.message} ${error.advice}`).toContain(word);
  });
});

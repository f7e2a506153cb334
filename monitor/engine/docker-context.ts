import { createHash } from 'node:crypto';
import * as z from 'zod';
import { failed, ok, type Result } from '../runtime/result.ts';
import { parseAddress, type Address, type TlsMaterial } from './address.ts';
import { quoted } from './engine-error.ts';
import type { EngineEnvironment } from './environment.ts';
import type { EngineError } from './port.ts';

const configFile = z.object({ currentContext: z.string().nullish() });

const metaFile = z.object({
  Name: z.string(),
  Endpoints: z.object({
    docker: z.object({ Host: z.string(), SkipTLSVerify: z.boolean().nullish() }),
  }),
});

/** Where the docker CLI keeps its settings: `$DOCKER_CONFIG` or `~/.docker`. */
export function configFolder(environment: EngineEnvironment): string {
  const chosen = environment.variables['DOCKER_CONFIG'];
  return chosen === undefined || chosen === '' ? `${environment.home}/.docker` : chosen;
}

/**
 * The context that `docker context use` has set; undefined where none is. A settings file that
 * cannot be read is an error: going on would mean guessing which engine was meant.
 */
export async function currentContext(
  environment: EngineEnvironment,
): Promise<Result<string | undefined, EngineError>> {
  const path = `${configFolder(environment)}/config.json`;
  const config = await readJson(environment, path, configFile);
  if (!config.ok) return config;
  const name = config.value?.currentContext;
  return ok(name === undefined || name === null || name === '' ? undefined : name);
}

/**
 * The address of the context `name`, with its certificates. The error says what is missing or unusable
 * of it, and what to do.
 */
export async function contextAddress(
  environment: EngineEnvironment,
  name: string,
): Promise<Result<Address, EngineError>> {
  const folder = `${configFolder(environment)}/contexts`;
  const id = createHash('sha256').update(name).digest('hex');
  const meta = await readJson(environment, `${folder}/meta/${id}/meta.json`, metaFile);
  if (!meta.ok) return meta;
  if (meta.value === undefined) {
    return failed({
      kind: 'failed',
      message: `The docker context "${quoted(name)}" is chosen, but does not exist.`,
      advice: 'See `docker context ls`, and choose another with `docker context use NAME`.',
    });
  }
  const { docker } = meta.value.Endpoints;
  const tls = await readTls(environment, `${folder}/tls/${id}/docker`);
  if (!tls.ok) return tls;
  if (docker.SkipTLSVerify === true && docker.Host.startsWith('tcp:')) {
    return failed({
      kind: 'failed',
      message: `The docker context "${quoted(name)}" skips the check of the engine's certificate.`,
      advice:
        'Whoever sits on the way could pose as the engine. Create the context again with its ca.pem and without skip-tls-verify.',
    });
  }
  return parseAddress(docker.Host, environment.platform, tls.value);
}

/** The certificates and key in `folder`; undefined where there are none. Encrypted keys are refused. */
export async function readTls(
  environment: EngineEnvironment,
  folder: string,
): Promise<Result<TlsMaterial | undefined, EngineError>> {
  const [ca, certificate, key] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readText(environment, `${folder}/${name}`)),
  );
  if (ca?.ok !== true) return ca ?? ok(undefined);
  if (certificate?.ok !== true) return certificate ?? ok(undefined);
  if (key?.ok !== true) return key ?? ok(undefined);
  if (key.value?.includes('ENCRYPTED') === true) {
    return failed(
      unreadable(
        `${folder}/key.pem`,
        'the key is encrypted, which the docker CLI has given up too',
      ),
    );
  }
  const material = { ca: ca.value, certificate: certificate.value, key: key.value };
  return ok(Object.values(material).every((each) => each === undefined) ? undefined : material);
}

async function readText(
  environment: EngineEnvironment,
  path: string,
): Promise<Result<string | undefined, EngineError>> {
  const text = await environment.readFile(path);
  return text.ok ? text : failed(unreadable(path, text.error));
}

async function readJson<Value>(
  environment: EngineEnvironment,
  path: string,
  schema: z.ZodType<Value>,
): Promise<Result<Value | undefined, EngineError>> {
  const text = await readText(environment, path);
  if (!text.ok || text.value === undefined) return text.ok ? ok(undefined) : text;
  let payload: unknown;
  try {
    payload = JSON.parse(text.value);
  } catch {
    return failed(unreadable(path, 'it is not JSON'));
  }
  const parsed = schema.safeParse(payload);
  if (parsed.success) return ok(parsed.data);
  const issue = parsed.error.issues[0];
  return failed(
    unreadable(path, `"${issue?.path.join('.') ?? ''}" is wrong: ${issue?.message ?? ''}`),
  );
}

function unreadable(path: string, why: string): EngineError {
  return {
    kind: 'failed',
    message: `The docker settings in ${quoted(path)} cannot be used: ${quoted(why)}.`,
    advice: 'Repair or remove the file, or set DOCKER_HOST to the engine you want.',
  };
}

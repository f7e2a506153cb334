import type { Duplex } from 'node:stream';
import * as z from 'zod';
import { helperLabel, helperName } from '../model/own-container.ts';
import { failed, ok, type Result } from '../runtime/result.ts';
import { CallFailure, garbage, quoted } from './engine-error.ts';
import {
  helperBody,
  helperNetworkBody,
  portOf,
  wayOf,
  type HelperShape,
  type HelperWay,
} from './helper-shape.ts';
import { readPayload } from './payload.ts';
import type { EngineError } from './port.ts';
import type { Transport, WireAnswer } from './transport.ts';

type Answer<Value> = Promise<Result<Value, EngineError>>;

/** The container that bears the helper's name. */
export interface HelperContainer {
  readonly isRunning: boolean;
  readonly exitCode: number;
  /** What the engine said when it could not start it; empty else. */
  readonly problem: string;
  /** The digest of its image's content, by its label; undefined when it is not one of Sentra's. */
  readonly content: string | undefined;
  /** How it is reached; undefined when it is not one of Sentra's. */
  readonly way: HelperWay | undefined;
  /** The port of the loopback that leads to it, while it runs. */
  readonly port: number | undefined;
}

/** What the engine is asked for the helper's sake; by its name alone, so that no other is touched. */
export interface HelperCalls {
  /** The engine's id of the image under that tag, and the digests of its layers; undefined for none. */
  image(
    tag: string,
  ): Answer<{ readonly id: string; readonly layers: readonly string[] } | undefined>;
  /** Hands over an image as `docker save` writes it. */
  load(archive: Uint8Array): Answer<void>;
  /** Undefined for none. */
  inspect(): Answer<HelperContainer | undefined>;
  create(shape: HelperShape): Answer<void>;
  start(): Answer<void>;
  /**
   * Starts one by port and hands it those bytes, on the way that ends with them. A conflict where it
   * runs already: then it takes another's.
   */
  startWith(bytes: Uint8Array): Answer<void>;
  /** Ends it at once; it stays to be started again. */
  end(): Answer<void>;
  /** Ends and removes the container. */
  remove(): Answer<void>;
  removeImage(tag: string): Answer<void>;
  /** Whether the network that bears its name is Sentra's; undefined for none. */
  network(): Answer<'ours' | 'other' | undefined>;
  createNetwork(): Answer<void>;
  removeNetwork(): Answer<void>;
}

const imagePayload = z.object({
  Id: z.string(),
  RootFS: z.object({ Layers: z.array(z.string()).nullish() }),
});

/** How long what was written to a container's input may take to get there. */
const attachedMs = 1000;

const portsPayload = z.array(z.object({ HostIp: z.string(), HostPort: z.string() }));

const containerPayload = z.object({
  State: z.object({ Running: z.boolean(), ExitCode: z.number(), Error: z.string().nullish() }),
  Config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }),
  HostConfig: z.object({ Binds: z.array(z.string()).nullish() }),
  NetworkSettings: z.object({ Ports: z.record(z.string(), portsPayload.nullable()).nullish() }),
});

const networkPayload = z.object({
  Driver: z.string(),
  Labels: z.record(z.string(), z.string()).nullish(),
  Options: z.record(z.string(), z.string()).nullish(),
});

const startedByOther: EngineError = {
  kind: 'conflict',
  message: 'The helper was started by another Sentra at the same time.',
  advice: 'Nothing to do: one of them starts it anew.',
};

/** The calls over a transport, in that version of the API. */
export function createHelperCalls(transport: Transport, apiVersion: string): HelperCalls {
  const prefix = `/v${apiVersion}`;
  const container = `/containers/${helperName}`;
  const network = `/networks/${helperName}`;

  async function call(
    method: string,
    path: string,
    body?: string | Uint8Array,
  ): Promise<Result<WireAnswer, EngineError>> {
    try {
      const target = `${prefix}${path}`;
      return ok(await transport.call({ method, target, body, signal: undefined }));
    } catch (error) {
      if (error instanceof CallFailure) return failed(error.engineError);
      throw error;
    }
  }

  async function attach(path: string): Answer<Duplex> {
    const request = { method: 'POST', target: `${prefix}${path}`, body: undefined };
    try {
      return ok(await transport.attach({ ...request, signal: undefined }));
    } catch (error) {
      if (error instanceof CallFailure) return failed(error.engineError);
      throw error;
    }
  }

  async function change(...request: Parameters<typeof call>): Answer<void> {
    const said = await call(...request);
    return said.ok ? ok(undefined) : said;
  }

  /** What is not there is an answer too. */
  async function find<Value>(what: string, path: string, schema: z.ZodType<Value>) {
    const said = await call('GET', path);
    if (said.ok) return readPayload(what, said.value.text, schema);
    return said.error.kind === 'gone' ? ok(undefined) : said;
  }

  return {
    async image(tag) {
      const found = await find('image of the helper', `/images/${tag}/json`, imagePayload);
      if (!found.ok || found.value === undefined) return found.ok ? ok(undefined) : found;
      return ok({ id: found.value.Id, layers: found.value.RootFS.Layers ?? [] });
    },
    async load(archive) {
      const said = await call('POST', '/images/load?quiet=1', archive);
      if (!said.ok) return said;
      // The status is sent before the work: an error comes as a line of the answer.
      const { text } = said.value;
      if (!text.includes('errorDetail')) return ok(undefined);
      return failed(garbage('load of an image', quoted(text)));
    },
    async inspect() {
      const found = await find('helper', `${container}/json`, containerPayload);
      if (!found.ok || found.value === undefined) return found.ok ? ok(undefined) : found;
      const { State: state, Config: config, HostConfig: host } = found.value;
      const labels = config.Labels ?? {};
      return ok({
        isRunning: state.Running,
        exitCode: state.ExitCode,
        problem: quoted(state.Error ?? ''),
        content: labels[helperLabel],
        way: wayOf(host.Binds ?? [], labels),
        port: portOf(found.value.NetworkSettings.Ports ?? {}),
      });
    },
    create: (shape) =>
      change('POST', `/containers/create?name=${helperName}`, JSON.stringify(helperBody(shape))),
    start: () => change('POST', `${container}/start`),
    async startWith(bytes) {
      const attached = await attach(`${container}/attach?stream=1&stdin=1`);
      if (!attached.ok) return attached;
      const started = await call('POST', `${container}/start`);
      if (!started.ok) {
        attached.value.destroy();
        return started;
      }
      // Nothing comes this way. The engine may leave its end open for as long as the container runs,
      // which would hold up a command that has nothing else to do.
      attached.value.resume();
      setTimeout(() => attached.value.destroy(), attachedMs).unref();
      // Whoever started it at the same time is about to hand it another key, by the same input.
      if (started.value.status === 304) return failed(startedByOther);
      attached.value.end(bytes);
      return ok(undefined);
    },
    end: () => change('POST', `${container}/kill?signal=SIGKILL`),
    remove: () => change('DELETE', `${container}?force=1`),
    removeImage: (tag) => change('DELETE', `/images/${tag}`),
    async network() {
      const found = await find('network of the helper', network, networkPayload);
      if (!found.ok || found.value === undefined) return found.ok ? ok(undefined) : found;
      const { Driver, Labels, Options } = found.value;
      const { Driver: driver, Labels: labels, Options: options } = helperNetworkBody;
      const isOurs =
        Driver === driver &&
        Labels?.[helperLabel] === labels[helperLabel] &&
        Object.entries(options).every(([name, value]) => Options?.[name] === value);
      return ok(isOurs ? 'ours' : 'other');
    },
    createNetwork: () => change('POST', '/networks/create', JSON.stringify(helperNetworkBody)),
    removeNetwork: () => change('DELETE', network),
  };
}

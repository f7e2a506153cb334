/**
 * The two classes of dockerode that Sentra uses, loaded by their own files: the whole package
 * brings an SSH client, gRPC and protobuf along, which cost 25 MB of memory and are never used.
 * Only the methods on Sentra's list are declared. What they resolve to comes from our own modem.
 */
interface DockerodeModem {
  readonly Promise: PromiseConstructor;
  dial(
    options: {
      readonly path: string;
      readonly method: string;
      readonly options?: Readonly<Record<string, unknown>>;
      readonly isStream?: boolean;
      readonly abortSignal?: AbortSignal;
    },
    callback: (error: unknown, data: unknown) => void,
  ): void;
}

declare module 'dockerode/lib/container.js' {
  class Container {
    constructor(modem: DockerodeModem, id: string);
    inspect(): Promise<unknown>;
    top(): Promise<unknown>;
    stats(options: {
      readonly stream: boolean;
      readonly 'one-shot'?: boolean;
      readonly abortSignal?: AbortSignal;
    }): Promise<unknown>;
    pause(): Promise<unknown>;
    unpause(): Promise<unknown>;
    kill(options: { readonly signal: 'SIGKILL' }): Promise<unknown>;
    stop(options: { readonly t: number }): Promise<unknown>;
    update(options: Readonly<Record<string, unknown>>): Promise<unknown>;
  }
  export = Container;
}

declare module 'dockerode/lib/network.js' {
  class Network {
    constructor(modem: DockerodeModem, id: string);
    inspect(): Promise<unknown>;
    connect(options: Readonly<Record<string, unknown>>): Promise<unknown>;
    disconnect(options: Readonly<Record<string, unknown>>): Promise<unknown>;
  }
  export = Network;
}

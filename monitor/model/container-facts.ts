import type { Moment } from './time.ts';

/** A part of the host or of a volume that a container sees among its files. */
export interface ContainerMount {
  /** As the engine names it: `bind`, `volume`, `tmpfs`, `image` and others. */
  readonly kind: string;
  /** The path on the engine's host, or the volume's name; empty where there is none. */
  readonly source: string;
  /** The path in the container. */
  readonly target: string;
  readonly writable: boolean;
}

/** A port of a container, and where the host offers it. */
export interface ContainerPort {
  /** For example `8080/tcp`. */
  readonly port: string;
  /** For example `127.0.0.1:8080`; undefined for one that is only named by the image. */
  readonly offeredAt: string | undefined;
}

/** How a container's health check last ended. */
export interface ContainerHealth {
  /** As the engine names it: `starting`, `healthy`, `unhealthy`. */
  readonly state: string;
  /** Failures in a row. */
  readonly failures: number;
}

/**
 * What the engine says of how one container was made, and how it stands. Every text is chosen by
 * others and untrusted. Its environment is left out on purpose: that is where secrets are.
 */
export interface ContainerFacts {
  readonly createdAt: Moment | undefined;
  /** The image's own id, `sha256:…`; the name that was asked for may mean another image by now. */
  readonly imageId: string;
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly workingFolder: string;
  /** Whom it runs as; empty for root. */
  readonly user: string;
  readonly mounts: readonly ContainerMount[];
  readonly ports: readonly ContainerPort[];
  /** Its addresses, a network each. */
  readonly addresses: readonly {
    readonly network: string;
    readonly addresses: readonly string[];
  }[];
  readonly restart: { readonly policy: string; readonly mostRetries: number };
  /** Undefined without a health check. */
  readonly health: ContainerHealth | undefined;
  readonly privileged: boolean;
  readonly readOnlyRoot: boolean;
  readonly addedCapabilities: readonly string[];
  readonly droppedCapabilities: readonly string[];
  readonly securityOptions: readonly string[];
  /** Devices of the host, by their path there. */
  readonly devices: readonly string[];
  /** Namespaces it shares with the host, for example `pid` and `ipc`. */
  readonly hostNamespaces: readonly string[];
  /** How many entries of these lists were left out, as there were too many. */
  readonly omitted: number;
}

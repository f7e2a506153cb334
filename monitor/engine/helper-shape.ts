import * as z from 'zod';
import { helperLabel, helperName } from '../model/own-container.ts';

/** The label of one that listens on a port: by it a person's Sentra knows its own. No secret. */
const ownerLabel = 'sentra.helper.owner';

/** Where one by port listens inside; helper/source/port.h has it too. */
const portInside = '7373/tcp';

/** Where in the container the person's folder is, in which the helper listens. */
const folderInside = '/run/sentra-helper';

/** The least with which all that the helper does works; docs/decisions/0010 says what each is for. */
const capabilities = [
  'DAC_OVERRIDE',
  'NET_ADMIN',
  'NET_RAW',
  'SETGID',
  'SETUID',
  'SYS_ADMIN',
  'SYS_PTRACE',
] as const;

const securityOptions = ['apparmor=unconfined', 'label=disable', 'no-new-privileges'] as const;

/** How a monitor reaches a helper. */
export type HelperWay =
  /** By a socket in the person's folder on this machine, absolute, whose last part is `helper`. */
  | { readonly kind: 'socket'; readonly folder: string }
  /** By a port of the loopback; whose Sentra it serves is told by 32 hexadecimal digits. */
  | { readonly kind: 'port'; readonly owner: string };

/** What differs from one helper to another. */
export interface HelperShape {
  /** The engine's id of the image. */
  readonly image: string;
  /** The digest of the image's one layer. */
  readonly content: string;
  readonly way: HelperWay;
}

/** The body of the one call that creates a container. */
export function helperBody({ image, content, way }: HelperShape): Readonly<HelperBody> {
  const cgroups = '/sys/fs/cgroup:/sys/fs/cgroup' as const;
  const host = {
    CapAdd: [...capabilities],
    CapDrop: ['ALL'],
    SecurityOpt: [...securityOptions],
    ReadonlyRootfs: true,
    PidMode: 'host',
    CgroupnsMode: 'host',
    UsernsMode: 'host',
    PidsLimit: 1024,
    RestartPolicy: { Name: 'no' },
    LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } },
  } as const;
  if (way.kind === 'socket') {
    const binds: [typeof cgroups, string] = [cgroups, `${way.folder}:${folderInside}`];
    return {
      Image: image,
      Labels: { [helperLabel]: content },
      HostConfig: { ...host, Binds: binds, NetworkMode: 'host' },
    };
  }
  return {
    Image: image,
    Labels: { [helperLabel]: content, [ownerLabel]: way.owner },
    Cmd: ['port'],
    OpenStdin: true,
    StdinOnce: true,
    ExposedPorts: { [portInside]: {} },
    HostConfig: {
      ...host,
      Binds: [cgroups],
      NetworkMode: helperName,
      PortBindings: { [portInside]: [{ HostIp: '127.0.0.1', HostPort: '' }] },
    },
  };
}

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const owner = z.string().regex(/^[0-9a-f]{32}$/);

function exactly(values: readonly string[]) {
  return z
    .array(z.string())
    .readonly()
    .refine((found) => JSON.stringify(found) === JSON.stringify(values));
}

/** A folder that says what it means: absolute, no way up, nothing that a bind takes for an option. */
const folderBind = z
  .string()
  .max(1024)
  .regex(/^(?:\/(?!\.{1,2}\/)[^/:\u0000-\u001f\u007f]+)+\/helper:\/run\/sentra-helper$/);

const cgroupBind = z.literal('/sys/fs/cgroup:/sys/fs/cgroup');

/** What is alike however it is reached. */
const hostMembers = {
  CapAdd: exactly(capabilities),
  CapDrop: exactly(['ALL']),
  SecurityOpt: exactly(securityOptions),
  ReadonlyRootfs: z.literal(true),
  PidMode: z.literal('host'),
  CgroupnsMode: z.literal('host'),
  UsernsMode: z.literal('host'),
  PidsLimit: z.literal(1024),
  RestartPolicy: z.strictObject({ Name: z.literal('no') }),
  LogConfig: z.strictObject({
    Type: z.literal('json-file'),
    Config: z.strictObject({ 'max-size': z.literal('1m') }),
  }),
};

/** The two shapes of container that may be created, member by member. */
export const helperBodySchema = z.union([
  z.strictObject({
    Image: digest,
    Labels: z.strictObject({ [helperLabel]: digest }),
    HostConfig: z.strictObject({
      ...hostMembers,
      Binds: z.tuple([cgroupBind, folderBind]),
      NetworkMode: z.literal('host'),
    }),
  }),
  z.strictObject({
    Image: digest,
    Labels: z.strictObject({ [helperLabel]: digest, [ownerLabel]: owner }),
    Cmd: z.tuple([z.literal('port')]),
    OpenStdin: z.literal(true),
    StdinOnce: z.literal(true),
    ExposedPorts: z.strictObject({ [portInside]: z.strictObject({}) }),
    HostConfig: z.strictObject({
      ...hostMembers,
      Binds: z.tuple([cgroupBind]),
      NetworkMode: z.literal(helperName),
      PortBindings: z.strictObject({
        [portInside]: z.tuple([
          z.strictObject({ HostIp: z.literal('127.0.0.1'), HostPort: z.literal('') }),
        ]),
      }),
    }),
  }),
]);

type HelperBody = z.infer<typeof helperBodySchema>;

/**
 * The network of one by port: nobody else is on it, nothing leads out of it, and what is published of
 * it is the loopback's.
 */
export const helperNetworkBody = {
  Name: helperName,
  CheckDuplicate: true,
  Driver: 'bridge',
  Labels: { [helperLabel]: 'network' },
  Options: {
    'com.docker.network.bridge.enable_icc': 'false',
    'com.docker.network.bridge.enable_ip_masquerade': 'false',
    'com.docker.network.bridge.host_binding_ipv4': '127.0.0.1',
  },
} as const;

/** The one body of a network that may be created. */
export const helperNetworkSchema = z
  .unknown()
  .refine((body) => JSON.stringify(body) === JSON.stringify(helperNetworkBody));

/** How the container that bears the helper's name is reached; undefined for another shape. */
export function wayOf(
  binds: readonly string[],
  labels: Readonly<Record<string, string>>,
): HelperWay | undefined {
  const bind = binds.find((each) => folderBind.safeParse(each).success);
  if (bind !== undefined) {
    return { kind: 'socket', folder: bind.slice(0, -`:${folderInside}`.length) };
  }
  const owned = owner.safeParse(labels[ownerLabel]);
  return owned.success ? { kind: 'port', owner: owned.data } : undefined;
}

/** Which port of the loopback leads to it, by what the engine tells of its ports; undefined for none. */
export function portOf(
  ports: Readonly<Record<string, readonly PublishedPort[] | null>>,
): number | undefined {
  const port = ports[portInside]?.find(({ HostIp: address }) => address === '127.0.0.1')?.HostPort;
  const isOne = port !== undefined && /^[1-9]\d{0,4}$/.test(port) && Number(port) < 65_536;
  return isOne ? Number(port) : undefined;
}

interface PublishedPort {
  readonly HostIp: string;
  readonly HostPort: string;
}

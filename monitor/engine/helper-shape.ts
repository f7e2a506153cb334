import * as z from 'zod';

/** How the engine calls the helper's container: one an engine, whoever installed it. */
export const helperName = 'sentra-helper';

/** The label of the helper's container; its value is the digest of what the image holds. */
export const helperLabel = 'sentra.helper';

/** Where in the container the person's folder is, in which the helper listens. */
const folderInside = '/run/sentra-helper';

/** The least with which all that the helper does works; docs/decisions/0010 says what each is for. */
const capabilities = [
  'NET_ADMIN',
  'NET_RAW',
  'SETGID',
  'SETUID',
  'SYS_ADMIN',
  'SYS_PTRACE',
] as const;

const securityOptions = ['apparmor=unconfined', 'label=disable', 'no-new-privileges'] as const;

/** What differs from one helper to another. */
export interface HelperShape {
  /** The engine's id of the image. */
  readonly image: string;
  /** The digest of the image's one layer. */
  readonly content: string;
  /** The person's folder on this machine, absolute, whose last part is `helper`. */
  readonly folder: string;
}

/** The body of the one call that creates a container. */
export function helperBody({ image, content, folder }: HelperShape): Readonly<HelperBody> {
  return {
    Image: image,
    Labels: { [helperLabel]: content },
    HostConfig: {
      Binds: ['/sys/fs/cgroup:/sys/fs/cgroup', `${folder}:${folderInside}`],
      CapAdd: [...capabilities],
      CapDrop: ['ALL'],
      SecurityOpt: [...securityOptions],
      ReadonlyRootfs: true,
      PidMode: 'host',
      NetworkMode: 'host',
      CgroupnsMode: 'host',
      UsernsMode: 'host',
      PidsLimit: 1024,
      RestartPolicy: { Name: 'no' },
      LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } },
    },
  };
}

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

function exactly(values: readonly string[]) {
  return z.array(z.string()).refine((found) => JSON.stringify(found) === JSON.stringify(values));
}

/** A folder that says what it means: absolute, no way up, nothing that a bind takes for an option. */
const folderBind = z
  .string()
  .max(1024)
  .regex(/^(?:\/(?!\.{1,2}\/)[^/:\u0000-\u001f\u007f]+)+\/helper:\/run\/sentra-helper$/);

/** The one shape of container that may be created, member by member. */
export const helperBodySchema = z.strictObject({
  Image: digest,
  Labels: z.strictObject({ [helperLabel]: digest }),
  HostConfig: z.strictObject({
    Binds: z.tuple([z.literal('/sys/fs/cgroup:/sys/fs/cgroup'), folderBind]),
    CapAdd: exactly(capabilities),
    CapDrop: exactly(['ALL']),
    SecurityOpt: exactly(securityOptions),
    ReadonlyRootfs: z.literal(true),
    PidMode: z.literal('host'),
    NetworkMode: z.literal('host'),
    CgroupnsMode: z.literal('host'),
    UsernsMode: z.literal('host'),
    PidsLimit: z.literal(1024),
    RestartPolicy: z.strictObject({ Name: z.literal('no') }),
    LogConfig: z.strictObject({
      Type: z.literal('json-file'),
      Config: z.strictObject({ 'max-size': z.literal('1m') }),
    }),
  }),
});

type HelperBody = z.infer<typeof helperBodySchema>;

/** The folder that a helper container was made for; undefined for another shape. */
export function folderOfBinds(binds: readonly string[]): string | undefined {
  const bind = binds.find((each) => folderBind.safeParse(each).success);
  return bind?.slice(0, -`:${folderInside}`.length);
}

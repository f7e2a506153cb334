import type { Address } from './address.ts';
import type { EngineEnvironment } from './environment.ts';

/** An engine's product and the socket it makes when nobody tells it otherwise. */
export interface UsualSocket {
  readonly product: string;
  readonly address: Address;
}

/**
 * Where engines listen by themselves, in order of preference. The system's own socket comes first,
 * as the docker CLI has it; what belongs to this user comes before what belongs to the machine.
 */
export function usualSockets(environment: EngineEnvironment): readonly UsualSocket[] {
  if (environment.platform === 'win32') return windowsPipes;
  const { home } = environment;
  const mine = [
    unix('Docker Desktop', `${home}/.docker/run/docker.sock`),
    unix('OrbStack', `${home}/.orbstack/run/docker.sock`),
    unix('Colima', `${home}/.colima/default/docker.sock`),
    unix('Colima', `${home}/.config/colima/default/docker.sock`),
    unix('Colima', `${home}/.colima/docker.sock`),
    unix('Rancher Desktop', `${home}/.rd/docker.sock`),
    unix('Lima', `${home}/.lima/default/sock/docker.sock`),
    unix('Lima', `${home}/.lima/docker/sock/docker.sock`),
  ];
  const machine = `${home}/.local/share/containers/podman/machine`;
  const podman = [
    unix('Podman', `${machine}/podman.sock`),
    unix('Podman', `${machine}/qemu/podman.sock`),
  ];
  const system = unix('Docker', '/var/run/docker.sock');
  if (environment.platform === 'darwin') return [system, ...mine, ...podman];
  const runtime = runtimeFolder(environment);
  return [
    system,
    ...(runtime === undefined ? [] : [unix('rootless Docker', `${runtime}/docker.sock`)]),
    unix('Docker Desktop', `${home}/.docker/desktop/docker.sock`),
    ...mine,
    ...(runtime === undefined ? [] : [unix('rootless Podman', `${runtime}/podman/podman.sock`)]),
    unix('Podman', '/run/podman/podman.sock'),
    ...podman,
  ];
}

const windowsPipes: readonly UsualSocket[] = [
  pipe('Docker', '//./pipe/docker_engine'),
  pipe('Docker Desktop', '//./pipe/dockerDesktopLinuxEngine'),
  pipe('Podman', '//./pipe/podman-machine-default'),
];

/** A program started at login may lack XDG_RUNTIME_DIR; where it is by custom is known. */
function runtimeFolder(environment: EngineEnvironment): string | undefined {
  const told = environment.variables['XDG_RUNTIME_DIR'];
  if (told?.startsWith('/') === true) return told;
  return environment.userId === undefined ? undefined : `/run/user/${environment.userId}`;
}

function unix(product: string, path: string): UsualSocket {
  return { product, address: { kind: 'unix', path } };
}

function pipe(product: string, path: string): UsualSocket {
  return { product, address: { kind: 'pipe', path } };
}

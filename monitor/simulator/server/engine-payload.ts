import { hexadecimal } from '../noise.ts';
import type { Settings } from '../settings.ts';
import { timestamp } from '../timestamp.ts';
import type { World } from '../world.ts';

/** How an engine can be known to be simulated: a label in `/info`, a platform in `/version`. */
export const simulatedLabel = 'sentra.simulated=true';
export const simulatedPlatform = 'Sentra simulator';

const kernelVersion = '6.12.0-simulated';

/** Body of `GET /version`. */
export function versionPayload(settings: Settings): unknown {
  const common = {
    ApiVersion: settings.apiVersion,
    Arch: 'amd64',
    BuildTime: '2026-01-01T00:00:00.000000000+00:00',
    GitCommit: '0000000',
    GoVersion: 'go1.22.0',
    KernelVersion: kernelVersion,
    MinAPIVersion: settings.oldestApiVersion,
    Os: 'linux',
  };
  return {
    Platform: { Name: simulatedPlatform },
    Components: [
      {
        Name: 'Engine',
        Version: settings.engineVersion,
        Details: { ...common, Experimental: 'false' },
      },
    ],
    Version: settings.engineVersion,
    ...common,
  };
}

/** Body of `GET /info`, as far as Sentra or the docker CLI read it. */
export function infoPayload(world: World): unknown {
  const { settings, containers, time } = world;
  const counts = { running: 0, paused: 0, stopped: 0 };
  for (const { state } of containers.all()) {
    if (state.status === 'running' || state.status === 'restarting') counts.running += 1;
    else if (state.status === 'paused') counts.paused += 1;
    else counts.stopped += 1;
  }
  return {
    ID: hexadecimal(settings.seed, 7, 32)
      .toUpperCase()
      .replace(/(.{4})(?!$)/g, '$1:'),
    Containers: containers.count,
    ContainersRunning: counts.running,
    ContainersPaused: counts.paused,
    ContainersStopped: counts.stopped,
    Images: 1,
    Driver: 'overlay2',
    DriverStatus: [['Backing Filesystem', 'extfs']],
    MemoryLimit: true,
    SwapLimit: true,
    CpuCfsPeriod: true,
    CpuCfsQuota: true,
    CPUShares: true,
    CPUSet: true,
    PidsLimit: true,
    IPv4Forwarding: true,
    Debug: false,
    OomKillDisable: settings.cgroupVersion === 1,
    SystemTime: timestamp(time.now()),
    LoggingDriver: 'json-file',
    CgroupDriver: settings.cgroupVersion === 1 ? 'cgroupfs' : 'systemd',
    CgroupVersion: String(settings.cgroupVersion),
    KernelVersion: kernelVersion,
    OperatingSystem: simulatedPlatform,
    OSType: 'linux',
    Architecture: 'x86_64',
    NCPU: settings.cpus,
    MemTotal: settings.memoryBytes,
    DockerRootDir: '/var/lib/docker',
    Name: 'sentra-simulator',
    Labels: [simulatedLabel],
    ServerVersion: settings.engineVersion,
    Runtimes: { runc: { path: 'runc' } },
    DefaultRuntime: 'runc',
    Swarm: { NodeID: '', LocalNodeState: 'inactive', ControlAvailable: false, Error: '' },
    LiveRestoreEnabled: true,
    SecurityOptions: ['name=seccomp,profile=default'],
    Warnings: null,
  };
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { factsPayload } from '../../../monitor/engine/facts-payload.ts';

const made = {
  Created: '2026-11-22T11:50:02.020123456Z',
  Image: `sha256:${'d4'.repeat(32)}`,
  Path: 'node',
  Args: ['/app/agent.js', '--verbose'],
  State: { Status: 'running', Health: { Status: 'unhealthy', FailingStreak: 4, Log: [] } },
  Config: { WorkingDir: '/project', User: '1000:1000', Env: ['TOKEN=secret'] },
  HostConfig: {
    RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 5 },
    Privileged: true,
    ReadonlyRootfs: true,
    CapAdd: ['SYS_PTRACE'],
    CapDrop: ['ALL'],
    SecurityOpt: ['seccomp=unconfined'],
    Devices: [{ PathOnHost: '/dev/kvm', PathInContainer: '/dev/kvm', CgroupPermissions: 'rwm' }],
    NetworkMode: 'host',
    PidMode: 'host',
    IpcMode: 'private',
  },
  Mounts: [
    { Type: 'bind', Source: '/srv', Destination: '/data', Mode: 'ro', RW: false },
    {
      ...{ Type: 'volume', Name: 'cache', Source: '/var/lib/docker/volumes/cache/_data' },
      ...{ Destination: '/cache', RW: true },
    },
    { Type: 'tmpfs', Source: '', Destination: '/tmp', RW: true },
  ],
  NetworkSettings: {
    Ports: {
      '80/tcp': [
        { HostIp: '0.0.0.0', HostPort: '8080' },
        { HostIp: '::', HostPort: '8080' },
      ],
      '9229/tcp': null,
    },
    Networks: {
      shop: { IPAddress: '10.0.0.2', GlobalIPv6Address: 'fd00::2' },
      quiet: { IPAddress: '', GlobalIPv6Address: '' },
    },
  },
};

describe('What the engine says of how a container was made', () => {
  test('is read, without its environment.', () => {
    const facts = factsPayload.parse(made);
    expect(facts).toEqual({
      createdAt: Date.parse('2026-11-22T11:50:02.020Z'),
      imageId: made.Image,
      command: ['node', '/app/agent.js', '--verbose'],
      workingFolder: '/project',
      user: '1000:1000',
      mounts: [
        { kind: 'bind', source: '/srv', target: '/data', writable: false },
        { kind: 'volume', source: 'cache', target: '/cache', writable: true },
        { kind: 'tmpfs', source: '', target: '/tmp', writable: true },
      ],
      ports: [
        { port: '80/tcp', offeredAt: '0.0.0.0:8080' },
        { port: '80/tcp', offeredAt: '[::]:8080' },
        { port: '9229/tcp', offeredAt: undefined },
      ],
      addresses: [
        { network: 'shop', addresses: ['10.0.0.2', 'fd00::2'] },
        { network: 'quiet', addresses: [] },
      ],
      restart: { policy: 'on-failure', mostRetries: 5 },
      health: { state: 'unhealthy', failures: 4 },
      privileged: true,
      readOnlyRoot: true,
      addedCapabilities: ['SYS_PTRACE'],
      droppedCapabilities: ['ALL'],
      securityOptions: ['seccomp=unconfined'],
      devices: ['/dev/kvm'],
      hostNamespaces: ['network', 'pid'],
      omitted: 0,
    });
    expect(JSON.stringify(facts)).not.toContain('secret');
  });

  test('is read where an engine leaves out whatever it may.', () => {
    const facts = factsPayload.parse({ State: {}, Config: {}, HostConfig: {} });
    expect(facts).toMatchObject({ command: [], mounts: [], ports: [], health: undefined });
    expect(facts.restart).toEqual({ policy: 'no', mostRetries: 0 });
  });

  test('is bounded, and says how much of it was left out.', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_000 }), (count) => {
        const Args = Array.from({ length: count }, () => 'x'.repeat(10_000));
        const facts = factsPayload.parse({ ...made, Args });
        expect(facts.command.length + facts.omitted).toBe(count + 1);
        expect(JSON.stringify(facts).length).toBeLessThan(1_000_000);
      }),
      { numRuns: 20 },
    );
  });
});

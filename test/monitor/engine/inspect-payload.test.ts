import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inspectPayload } from '../../../monitor/engine/inspect-payload.ts';
import type { ContainerDetail } from '../../../monitor/engine/port.ts';

const id = 'a1'.repeat(32);

const running = {
  Id: id,
  Name: '/coder',
  RestartCount: 2,
  State: {
    Status: 'running',
    Restarting: false,
    Pid: 4711,
    ExitCode: 0,
    StartedAt: '2026-11-22T11:50:02.020123456Z',
    FinishedAt: '0001-01-01T00:00:00Z',
  },
  Config: { Image: 'acme/agent:3', Labels: { team: 'red' } },
  HostConfig: {
    NetworkMode: 'shop_default',
    RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 5 },
    Memory: 67_108_864,
    MemorySwap: 134_217_728,
    NanoCpus: 0,
    CpuQuota: 50_000,
    CpuPeriod: 100_000,
    PidsLimit: null,
    Runtime: 'runc',
  },
  NetworkSettings: {
    Ports: {
      '80/tcp': [
        { HostIp: '0.0.0.0', HostPort: '8080' },
        { HostIp: '::', HostPort: '8080' },
      ],
      '81/tcp': null,
    },
    Networks: {
      shop_default: {
        NetworkID: 'b2'.repeat(32),
        Aliases: ['agent', id.slice(0, 12)],
        Links: ['db:database'],
        IPAddress: '10.0.0.2',
        GlobalIPv6Address: '',
        IPAMConfig: null,
      },
    },
  },
};

type Overlay = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function inspected(overlay: Overlay = {}): ContainerDetail {
  const merged = Object.entries(overlay).reduce<Record<string, unknown>>(
    (payload, [name, members]) => ({
      ...payload,
      [name]: { ...(running as unknown as Overlay)[name], ...members },
    }),
    { ...running },
  );
  return inspectPayload.parse(merged);
}

describe('An inspected container', () => {
  test('becomes a workload with its limits and networks', () => {
    expect(inspected()).toEqual({
      workload: {
        key: 'acme/agent#coder',
        container: id,
        name: 'coder',
        image: 'acme/agent:3',
        labels: { team: 'red' },
        composeProject: undefined,
        composeService: undefined,
        state: 'running',
        mainPid: 4711,
        startedAt: Date.parse('2026-11-22T11:50:02.020Z'),
        restartCount: 2,
        network: { kind: 'own', networks: ['shop_default'] },
        limits: { memoryBytes: 67_108_864, cpus: 0.5, pids: undefined },
        runtime: 'runc',
        restartPolicy: 'on-failure',
      },
      restarting: false,
      exitCode: undefined,
      finishedAt: undefined,
      restartPolicy: { name: 'on-failure', maximumRetryCount: 5 },
      memoryLimitBytes: 67_108_864,
      memorySwapBytes: 134_217_728,
      nanoCpus: 0,
      cpuQuota: { quota: 50_000, period: 100_000 },
      pidsLimit: 0,
      hasHostProcessIds: false,
      endpoints: [
        {
          networkId: 'b2'.repeat(32),
          networkName: 'shop_default',
          aliases: ['agent'],
          links: ['db:database'],
          ipv4: '10.0.0.2',
          ipv6: undefined,
          isAddressGiven: true,
        },
      ],
      publishedPorts: { '80/tcp': '8080' },
      healthCommand: '',
    });
  });

  test('with a quota of CPU time and no period is bounded by the period that the kernel takes', () => {
    const { workload } = inspected({ HostConfig: { CpuQuota: 25_000, CpuPeriod: 0 } });
    expect(workload.limits.cpus).toBe(0.25);
  });

  test('that has ended has no process, but an exit code', () => {
    const ended = inspected({
      State: { Status: 'exited', Pid: 0, ExitCode: 137, FinishedAt: '2026-11-22T12:00:00Z' },
    });
    expect(ended.workload.mainPid).toBeUndefined();
    expect(ended.exitCode).toBe(137);
    expect(ended.finishedAt).toBe(Date.parse('2026-11-22T12:00:00Z'));
  });

  test.each([
    ['host', { kind: 'host' }, { host: {} }],
    ['none', { kind: 'none' }, { none: {} }],
    // It was detached from `none` by hand.
    ['none', { kind: 'none' }, {}],
    [`container:${id}`, { kind: 'shared', with: id }, {}],
  ])('on network mode %s has no endpoints to detach', (mode, network, networks) => {
    const detail = inspected({
      HostConfig: { NetworkMode: mode },
      NetworkSettings: { Networks: networks },
    });
    expect(detail.workload.network).toEqual(network);
    expect(detail.endpoints).toEqual([]);
  });

  test('created without a network and attached to one later is on that one', () => {
    const networks = { none: {}, mynet: { NetworkID: 'c3'.repeat(32), IPAddress: '10.0.9.2' } };
    const detail = inspected({
      HostConfig: { NetworkMode: 'none' },
      NetworkSettings: { Networks: networks },
    });
    expect(detail.workload.network).toEqual({ kind: 'own', networks: ['mynet'] });
    expect(detail.endpoints).toMatchObject([{ networkName: 'mynet', ipv4: '10.0.9.2' }]);
  });

  test("on the host's network tells every other network that it is on", () => {
    const networks = { host: {}, mynet: { NetworkID: 'c3'.repeat(32) } };
    const detail = inspected({
      HostConfig: { NetworkMode: 'host' },
      NetworkSettings: { Networks: networks },
    });
    expect(detail.workload.network).toEqual({ kind: 'host' });
    expect(detail.endpoints).toMatchObject([{ networkName: 'mynet' }]);
  });

  test('tells its health check as the exec events will', () => {
    const shell = { Test: ['CMD-SHELL', 'curl -f localhost || exit 1'] };
    expect(inspected({ Config: { Healthcheck: shell } }).healthCommand).toBe(
      '/bin/sh -c curl -f localhost || exit 1',
    );
    const own = { Healthcheck: shell, Shell: ['/bin/bash', '-lc'] };
    expect(inspected({ Config: own }).healthCommand).toContain('/bin/bash -lc curl');
    const plain = { Healthcheck: { Test: ['CMD', '/check', '-q'] } };
    expect(inspected({ Config: plain }).healthCommand).toBe('/check -q');
    expect(inspected({ Config: { Healthcheck: { Test: ['NONE'] } } }).healthCommand).toBe('');
  });

  test('in a state of Podman, or in one that nobody knows, is still known', () => {
    const state = (word: string): string => inspected({ State: { Status: word } }).workload.state;
    expect(state('stopped')).toBe('exited');
    expect(state('configured')).toBe('created');
    expect(state('levitating')).toBe('running');
  });

  test('with a wrong type or without an id is refused, and extra members are not', () => {
    expect(inspectPayload.safeParse({ ...running, Extra: 1 }).success).toBe(true);
    expect(inspectPayload.safeParse({ ...running, Id: 'short' }).success).toBe(false);
    expect(inspectPayload.safeParse({ ...running, State: null }).success).toBe(false);
    expect(inspectPayload.safeParse({ ...running, Name: 5 }).success).toBe(false);
  });

  test('never makes the parser throw', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...Object.keys(running)), (value, name) => {
        inspectPayload.safeParse(value);
        inspectPayload.safeParse({ ...running, [name]: value });
      }),
    );
  });
});

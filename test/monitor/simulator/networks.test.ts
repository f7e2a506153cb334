import { expect, test } from 'vitest';
import { actionsOf, agent, bytesMoved, look, openStage, refusal } from './stage.ts';

const networks = [{ name: 'fixed', subnet: '10.77.0.0/24' }, { name: 'dealt' }];

test('detached from its only network a container moves no bytes', async () => {
  await using stage = await openStage([agent('coder', { networks: ['dealt'] })], { networks });
  const network = stage.docker.getNetwork('dealt');
  await stage.simulator.advance(10_000);
  expect(bytesMoved(await look(stage, 'coder'))).toBeGreaterThan(0);
  await network.disconnect({ Container: 'coder', Force: true });
  await stage.simulator.advance(10_000);
  expect((await look(stage, 'coder')).networks).toBeUndefined();
  const { NetworkSettings } = await stage.docker.getContainer('coder').inspect();
  expect(NetworkSettings.Networks).toEqual({});
  await network.connect({ Container: 'coder' });
  expect(bytesMoved(await look(stage, 'coder'))).toBe(0);
  await stage.simulator.advance(10_000);
  expect(bytesMoved(await look(stage, 'coder'))).toBeGreaterThan(0);
});

test('an address can be asked for again where the subnet was configured, and only there', async () => {
  await using stage = await openStage(
    [agent('coder', { networks: ['fixed', 'dealt'], aliases: ['api'], ipv4: '10.77.0.40' })],
    { networks },
  );
  const container = stage.docker.getContainer('coder');
  const before = await container.inspect();
  expect(before.NetworkSettings.Networks['fixed']).toMatchObject({
    IPAddress: '10.77.0.40',
    Gateway: '10.77.0.1',
    MacAddress: '02:42:0a:4d:00:28',
    Aliases: ['api', stage.simulator.idOf('coder').slice(0, 12)],
  });
  const fixed = stage.docker.getNetwork('fixed');
  await fixed.disconnect({ Container: 'coder', Force: true });
  await fixed.connect({
    Container: 'coder',
    EndpointConfig: { Aliases: ['api'], IPAMConfig: { IPv4Address: '10.77.0.40' } },
  });
  const after = await container.inspect();
  expect(after.NetworkSettings.Networks['fixed']).toMatchObject({
    IPAddress: '10.77.0.40',
    Aliases: ['api', stage.simulator.idOf('coder').slice(0, 12)],
  });
  const dealt = stage.docker.getNetwork('dealt');
  await dealt.disconnect({ Container: 'coder' });
  const asked = dealt.connect({
    Container: 'coder',
    EndpointConfig: { IPAMConfig: { IPv4Address: '172.18.0.9' } },
  });
  expect(await refusal(asked)).toEqual({
    status: 400,
    message:
      'user specified IP address is supported only when connecting to networks with user configured subnets',
  });
});

test('an address that somebody took meanwhile is refused', async () => {
  await using stage = await openStage(
    [agent('one', { networks: ['fixed'] }), agent('two', { networks: ['dealt'] })],
    { networks },
  );
  const fixed = stage.docker.getNetwork('fixed');
  await fixed.disconnect({ Container: 'one', Force: true });
  const connect = (container: string, address: string): Promise<unknown> =>
    fixed.connect({
      Container: container,
      EndpointConfig: { IPAMConfig: { IPv4Address: address } },
    });
  await connect('two', '10.77.0.2');
  expect(await refusal(connect('one', '10.77.0.2'))).toEqual({
    status: 403,
    message: 'Address already in use',
  });
  expect(await refusal(connect('one', '10.78.0.2'))).toMatchObject({ status: 500 });
});

test('host and shared networking cannot be changed', async () => {
  await using stage = await openStage(
    [
      agent('hosted', { networkMode: 'host' }),
      agent('sharing', { networkMode: 'container:hosted' }),
    ],
    { networks },
  );
  const host = stage.docker.getNetwork('host');
  const dealt = stage.docker.getNetwork('dealt');
  const detach = host.disconnect({ Container: 'hosted', Force: true });
  expect(await refusal(detach)).toMatchObject({ status: 400 });
  expect(await refusal(dealt.connect({ Container: 'hosted' }))).toMatchObject({ status: 400 });
  expect(await refusal(dealt.connect({ Container: 'sharing' }))).toMatchObject({ status: 400 });
});

test('attaching twice, detaching twice, and unknown names are refused', async () => {
  await using stage = await openStage([agent('coder', { networks: ['dealt'] })], { networks });
  const dealt = stage.docker.getNetwork('dealt');
  expect(await refusal(dealt.connect({ Container: 'coder' }))).toEqual({
    status: 403,
    message: 'endpoint with name coder already exists in network dealt',
  });
  await dealt.disconnect({ Container: 'coder' });
  expect(await refusal(dealt.disconnect({ Container: 'coder' }))).toMatchObject({ status: 500 });
  expect(await refusal(dealt.connect({ Container: 'nobody' }))).toMatchObject({ status: 404 });
  expect(await refusal(stage.docker.getNetwork('nowhere').inspect())).toEqual({
    status: 404,
    message: 'network nowhere not found',
  });
  expect((await actionsOf(stage, 'coder')).slice(-2)).toEqual([
    'network disconnect',
    'network disconnect',
  ]);
});

test('a network tells its members, its subnet, and whether the engine chose it', async () => {
  await using stage = await openStage([agent('coder', { networks: ['fixed'] })], { networks });
  expect(await stage.docker.getNetwork('fixed').inspect()).toMatchObject({
    Driver: 'bridge',
    IPAM: { Config: [{ Subnet: '10.77.0.0/24' }] },
    Containers: {
      [stage.simulator.idOf('coder')]: { Name: 'coder', IPv4Address: '10.77.0.2/24' },
    },
  });
  expect(await stage.docker.getNetwork('dealt').inspect()).toMatchObject({
    IPAM: { Config: [{ Subnet: '172.18.0.0/16', Gateway: '172.18.0.1' }] },
    Containers: {},
  });
  const names = (await stage.docker.listNetworks()).map(({ Name }) => Name);
  expect(names).toEqual(['bridge', 'host', 'none', 'fixed', 'dealt']);
});

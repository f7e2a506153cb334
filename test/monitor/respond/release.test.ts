import { beforeEach, describe, expect, test } from 'vitest';
import type { Responder } from '../../../monitor/respond/responder.ts';
import { createMemoryEngine, endpoint, engineError } from './memory-engine.ts';
import type { MemoryContainer, MemoryEngine } from './memory-engine.ts';
import { createHandClock, createMemoryRecord, respondWith, told } from './responder-stand.ts';
import type { MemoryRecord } from './responder-stand.ts';

let engine: MemoryEngine;
let record: MemoryRecord;
let responder: Responder;
let agent: MemoryContainer;

beforeEach(async () => {
  engine = createMemoryEngine();
  record = createMemoryRecord();
  responder = respondWith({ engine, clock: createHandClock(), record });
  agent = engine.add({
    name: 'agent',
    endpoints: [
      endpoint('bridge', { ipv4: '172.17.0.2' }),
      endpoint('team', { aliases: ['api', 'web'], ipv4: '172.20.0.9' }),
    ],
    restartPolicy: { name: 'on-failure', maximumRetryCount: 3 },
  });
  await responder.byPerson({ kind: 'pause' }, engine.workload(agent.id));
  engine.calls.length = 0;
});

const release = () => responder.byPerson({ kind: 'release' }, engine.workload(agent.id));
const resume = () => responder.byPerson({ kind: 'resume' }, engine.workload(agent.id));

describe('release', () => {
  test('puts back networks, names, address and restart policy, and lets it run last', async () => {
    const action = await release();
    expect(agent).toMatchObject({
      state: 'running',
      restartPolicy: { name: 'on-failure', maximumRetryCount: 3 },
    });
    expect(agent.endpoints.find(({ networkName }) => networkName === 'team')).toMatchObject({
      aliases: ['api', 'web'],
      ipv4: '172.20.0.9',
    });
    expect(engine.calls.map(({ name }) => name)).toEqual([
      'inspect',
      'networkHasSubnet',
      'attach',
      'attach',
      'update',
      'unpause',
      'inspect',
    ]);
    expect(told(action)).toMatch(
      /^partly: Released\. .*\[address on bridge was 172\.17\.0\.2, is 172\.20\.0\.101\]$/,
    );
    expect(responder.containments()).toEqual([]);
    expect(record.containments.size).toBe(0);
  });

  test('that fails in part keeps it frozen with what is left written down, and is finished later', async () => {
    engine.trouble = ({ name, target }) =>
      name === 'attach' && target === 'net-team' ? engineError('unreachable') : undefined;
    const first = await release();
    expect(told(first)).toMatch(
      /^failed: Still held\. Left to put back: network team, to let it run again\./,
    );
    expect(agent.state).toBe('paused');
    expect(record.containments.get(agent.id)?.undo).toEqual({
      pausedBySentra: true,
      networks: [expect.objectContaining({ networkName: 'team', aliases: ['api', 'web'] })],
      restartPolicy: undefined,
      limits: undefined,
    });
    engine.trouble = () => undefined;
    expect(told(await release())).toMatch(/^proved: Released/);
    expect(agent.state).toBe('running');
  });

  test('takes another address where the old one is refused, and says which changed', async () => {
    let attaches = 0;
    engine.trouble = ({ name, target }) =>
      name === 'attach' && target === 'net-team' && (attaches += 1) <= 2
        ? engineError('failed', 'Address already in use.')
        : undefined;
    expect(told(await release())).toContain('address on team was 172.20.0.9, is 172.20.0.1');
    expect(agent.state).toBe('running');
  });

  test('fixes no address that the engine had given where nothing runs, and says so where something does', async () => {
    for (const isRunning of [false, true]) {
      const app = engine.add({
        name: `app-${isRunning}`,
        endpoints: [endpoint('team', { ipv4: '172.20.0.7', isAddressGiven: true })],
      });
      await responder.byPerson({ kind: 'pause' }, engine.workload(app.id));
      if (!isRunning) await responder.byPerson({ kind: 'kill' }, engine.workload(app.id));
      const action = await responder.byPerson({ kind: 'release' }, engine.workload(app.id));
      expect(told(action)).toMatch(/^proved: Released/);
      expect(app.endpoints[0]?.isAddressGiven).toBe(isRunning ? undefined : true);
      const fixed = 'Its address on team is a fixed one from now on';
      expect(told(action).includes(fixed)).toBe(isRunning);
    }
  });

  test('puts back the names under which it knew others', async () => {
    const app = engine.add({
      name: 'app',
      endpoints: [endpoint('team', { links: ['db:database'] })],
    });
    await responder.byPerson({ kind: 'quarantine' }, engine.workload(app.id));
    await responder.byPerson({ kind: 'release' }, engine.workload(app.id));
    expect(app.endpoints[0]?.links).toEqual(['db:database']);
  });

  test('says which published port the engine has chosen anew, and nothing of one that stayed', async () => {
    const app = engine.add({
      name: 'app',
      endpoints: [endpoint('team', { ipv4: '172.20.0.7' })],
      ports: { '80/tcp': '8080', '81/tcp': '32768' },
      chosen: new Set(['81/tcp']),
    });
    await responder.byPerson({ kind: 'pause' }, engine.workload(app.id));
    const action = await responder.byPerson({ kind: 'release' }, engine.workload(app.id));
    expect(told(action)).toMatch(
      /^partly: Released\. .* \[port 81\/tcp was published as 32768, is 49\d+\]$/,
    );
  });

  test('finds the bridge of the engine again, which has another id since the engine restarted', async () => {
    engine.networks.delete('net-bridge');
    engine.networks.set('bridge', false);
    expect(told(await release())).not.toContain('no longer exists');
    expect(agent.endpoints.map(({ networkName }) => networkName)).toContain('bridge');
    expect(record.containments.size).toBe(0);
  });

  test('goes on without a network that no longer exists, and says so', async () => {
    engine.networks.delete('net-team');
    expect(told(await release())).toContain('network team no longer exists: not attached again');
    expect(agent.state).toBe('running');
  });

  test('of one that has ended does not start it', async () => {
    agent.state = 'exited';
    expect(told(await release())).toContain('It was not started.');
    expect(agent.state).toBe('exited');
    expect(agent.restartPolicy.name).toBe('on-failure');
  });

  test('of one that is gone closes its containment', async () => {
    const [containment] = responder.containments();
    engine.containers.delete(agent.id);
    const action = await responder.byPerson({ kind: 'release' }, containment!);
    expect(told(action)).toMatch(/^failed: Gone/);
    expect(responder.containments()).toEqual([]);
  });

  test('leaves paused what somebody else had paused', async () => {
    const other = engine.add({ name: 'other', state: 'paused' });
    await responder.byPerson({ kind: 'pause' }, engine.workload(other.id));
    const action = await responder.byPerson({ kind: 'release' }, engine.workload(other.id));
    expect(told(action)).toContain('Sentra did not pause it');
    expect(other.state).toBe('paused');
    const resumed = await responder.byPerson({ kind: 'resume' }, engine.workload(other.id));
    expect(told(resumed)).toMatch(/^proved: It runs again/);
  });

  test('of what is not held is refused', async () => {
    await release();
    expect(told(await release())).toMatch(/^refused: Sentra does not hold it/);
  });
});

describe('resume', () => {
  test('lets it run and nothing else: it stays off its networks until released', async () => {
    expect(told(await resume())).toContain('Its networks stay detached; release puts them back.');
    expect(agent).toMatchObject({ state: 'running', endpoints: [] });
    expect(agent.restartPolicy.name).toBe('on-failure');
    expect(responder.containmentOf(agent.id)?.depth).toBe('quarantined');
    expect(told(await release())).toContain('Released');
    expect(agent.endpoints).toHaveLength(2);
  });

  test('ends the containment where nothing else was taken', async () => {
    const bare = engine.add({ name: 'bare', attachment: 'none' });
    await responder.byPerson({ kind: 'pause' }, engine.workload(bare.id));
    await responder.byPerson({ kind: 'resume' }, engine.workload(bare.id));
    expect(bare.state).toBe('running');
    expect(responder.containmentOf(bare.id)).toBeUndefined();
  });
});

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith, engineSocket } from '../engine/capabilities.ts';
import { containAll, openStage, type Actor, type Stage } from './stage.ts';

/** Each step of the drill, what is to be told of it, and whether the engine's default profile refuses it. */
const steps = [
  { name: 'shadow', script: 'cat /etc/shadow >/dev/null', call: 'openat', severity: 'high' },
  {
    name: 'named-useradd',
    script: 'cp /bin/cat /tmp/useradd; /tmp/useradd /etc/shadow >/dev/null',
    call: 'openat',
    severity: 'high',
  },
  { name: 'mount', script: 'mount -t tmpfs none /mnt', call: 'mount', severity: 'medium' },
  { name: 'unshare', script: 'unshare -m true', call: 'unshare', severity: 'medium' },
  {
    name: 'packet',
    script: "python3 -c 'import socket as s; s.socket(s.AF_PACKET, s.SOCK_RAW)'",
    call: 'socket',
    severity: 'high',
  },
  {
    name: 'engine',
    script: `python3 -c 'import socket as s
try: s.socket(s.AF_UNIX).connect("/var/run/docker.sock")
except OSError: pass'`,
    call: 'connect',
    severity: 'high',
  },
] as const;

/** Adds a user, runs programs, pings, debugs nothing: what agents do all day. */
const ordinary =
  'while :; do useradd -M worker; userdel worker; ls / >/dev/null; sleep 1; done 2>/dev/null';

describeWith(['engine', 'debian-image', 'root', 'kernel-sensor'], 'An escape drill', () => {
  let stage: Stage;
  const actors = new Map<string, Actor>();
  let worker: Actor;

  beforeAll(async () => {
    stage = await openStage({ socket: engineSocket(), policy: containAll, learnMs: 600_000 });
    const socket = `${engineSocket()}:/var/run/docker.sock`;
    for (const { name, script } of steps) {
      const limits = name === 'engine' ? { hostConfig: { Mounts: mounted(socket) } } : {};
      actors.set(name, await stage.actor({ name, script: `${script}; sleep 600`, limits }));
    }
    worker = await stage.actor({
      name: 'worker',
      script: ordinary,
      limits: { healthCommand: 'ls /' },
    });
    worker.begin();
    const seesAll = (): boolean =>
      stage.monitor.service
        .snapshot()
        .workloads.every(({ coverage }) =>
          coverage.some(({ sensor, sight }) => sensor === 'syscalls' && sight.state === 'seeing'),
        );
    expect(await stage.until(seesAll, 30_000)).toBe(true);
  }, 120_000);

  afterAll(async () => {
    await stage.close();
  }, 60_000);

  test.each(steps)('$name is told, and frozen', { timeout: 60_000 }, async (step) => {
    const actor = actors.get(step.name);
    if (actor === undefined) throw new Error(`No actor ${step.name}.`);
    actor.begin();
    const about = () =>
      stage.alarmsAbout(actor).filter(({ item }) => item.kind === 'escape-attempt');
    expect(await stage.until(() => about().length > 0, 15_000)).toBe(true);
    expect(about()[0]?.item).toMatchObject({
      severity: step.severity,
      sentence: expect.stringContaining(`\`${step.call}\``) as string,
    });
    const end = Date.now() + 20_000;
    let frozen = false;
    while (!frozen && Date.now() < end) {
      await delay(100);
      frozen = (await actor.container.inspect()).State.Paused;
    }
    expect(frozen).toBe(true);
  });

  test('ordinary work beside it, with a health check every second, is left alone', async () => {
    expect(await worker.container.exec(['ls', '/'])).toBe(0);
    await delay(2000);
    const escapes = stage.alarmsAbout(worker).filter(({ item }) => item.kind === 'escape-attempt');
    expect(escapes.map(({ item }) => item.sentence)).toEqual([]);
    expect((await worker.container.inspect()).State.Paused).toBe(false);
  });
});

/** The engine's socket, mounted as careless people do. */
function mounted(bind: string): unknown {
  const [source, target] = bind.split(':');
  return [{ Type: 'bind', Source: source, Target: target }];
}

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { describeWith, describeWithEngine, engineSocket } from './capabilities.ts';
import { type TestContainers, testContainers } from './containers.ts';
import { ask, demand } from './engine-http.ts';
import { type PrivateEngine, startPrivateEngine } from './private-engine.ts';

describeWith(['engine', 'root'], 'An engine that a test starts for itself', () => {
  let engine: PrivateEngine;
  let containers: TestContainers;

  beforeAll(async () => {
    engine = await startPrivateEngine();
    containers = testContainers(engine.socketPath);
  });
  afterAll(() => engine.stop());

  const answers = () =>
    ask(engine.socketPath, 'GET', '/_ping', { timeoutMs: 1000 }).then(
      ({ text }) => text,
      () => 'no answer',
    );

  test('Its containers are seen from the host: processes and control groups.', async () => {
    const container = await containers.start({ args: ['sleep', '600'], stopTimeout: 1 });
    const { State } = await container.inspect();
    // It becomes its program a moment after the engine says that it runs.
    await vi.waitFor(
      () => expect(readFileSync(`/proc/${State.Pid}/cmdline`, 'utf8')).toContain('sleep'),
      20_000,
    );
    const groups = readFileSync(`/proc/${State.Pid}/cgroup`, 'utf8');
    expect(groups).toContain(`/${engine.cgroupParent}/${container.id}`);
  });

  test('Paused, it keeps connections and answers nothing; resumed, it answers again.', async () => {
    expect(await answers()).toBe('OK');
    await engine.pauseDaemon();
    expect(await answers()).toBe('no answer');
    await engine.resumeDaemon();
    expect(await answers()).toBe('OK');
  });

  test('Restarted, it is another process with the same containers.', async () => {
    const container = await containers.start({
      args: ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done'],
      restart: 'always',
    });
    const before = engine.dockerdPid;
    const { State } = await container.inspect();
    await engine.restart();
    expect(engine.dockerdPid).not.toBe(before);
    const after = (await container.inspect()).State;
    expect(after.Running).toBe(true);
    expect(after.StartedAt).not.toBe(State.StartedAt);
  });

  test('Killed, it is down until it is started again.', async () => {
    await engine.kill9();
    expect(engine.dockerdPid).toBe(0);
    expect(await answers()).toBe('no answer');
    await engine.startDaemon();
    expect(await answers()).toBe('OK');
  });
});

describeWithEngine('The engine of the test run', () => {
  const containers = testContainers(engineSocketOrNothing());
  afterAll(() => containers.removeAll());

  test('A container tells its exit code and what it wrote.', async () => {
    const container = await containers.start({
      args: ['sh', '-c', 'echo hello; echo trouble >&2; sleep 600'],
      environment: { GREETING: 'good day' },
    });
    expect(await container.exec(['sh', '-c', 'test "$GREETING" = "good day"'])).toBe(0);
    expect(await container.exec(['sh', '-c', 'exit 7'])).toBe(7);
    // Both streams are read apart: which of them comes first is not said.
    expect((await container.logs()).trim().split('\n').sort()).toEqual(['hello', 'trouble']);
  });

  test('Limits, names, labels and networks are what was asked for.', async () => {
    const network = await containers.createNetwork(`net-${containers.run}`, '10.99.7.0/24');
    const container = await containers.start({
      args: ['sleep', '600'],
      name: `limited-${containers.run}`,
      memory: 32 * 2 ** 20,
      cpus: 0.5,
      pids: 20,
      network: `net-${containers.run}`,
      aliases: ['friend'],
      labels: { purpose: 'test' },
    });
    const { HostConfig, NetworkSettings, Name } = await container.inspect();
    expect(Name).toBe(`/limited-${containers.run}`);
    expect(HostConfig).toMatchObject({ Memory: 33_554_432, NanoCpus: 5e8, PidsLimit: 20 });
    expect(NetworkSettings.Networks[`net-${containers.run}`]).toMatchObject({
      NetworkID: network,
      Aliases: expect.arrayContaining(['friend']) as unknown,
    });
  });

  test('All that a test made is gone after it has tidied up.', async () => {
    await containers.start({ args: ['sleep', '600'] });
    await containers.removeAll();
    const filters = encodeURIComponent(
      JSON.stringify({ label: [`sentra.test=${containers.run}`] }),
    );
    const left = await demand(engineSocket(), 'GET', `/containers/json?all=1&filters=${filters}`);
    expect(left).toEqual([]);
  });
});

describeWith(['engine', 'debian-image'], 'The Debian image', () => {
  const containers = testContainers(engineSocketOrNothing());
  afterAll(() => containers.removeAll());

  test('It can load a machine, compile, and reach a name on the network.', async () => {
    const debian = await containers.start({ image: 'debian', args: ['sleep', '600'] });
    expect(await debian.exec(['stress-ng', '--cpu', '1', '--timeout', '1'])).toBe(0);
    const compile = 'echo "int main(void){return 0;}" | gcc -x c -o /tmp/a - && /tmp/a';
    expect(await debian.exec(['sh', '-c', compile])).toBe(0);
    expect(await debian.exec(['sh', '-c', 'python3 -c "print(1)" | xz | xz -d'])).toBe(0);
    expect(await debian.exec(['curl', '-sfI', '--max-time', '20', 'http://deb.debian.org/'])).toBe(
      0,
    );
  });
});

/** Groups that are skipped are still read: only their tests do not run. */
function engineSocketOrNothing(): string {
  return process.env['SENTRA_TEST_ENGINE'] === undefined ? '' : engineSocket();
}

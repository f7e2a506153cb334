import { createHmac, randomBytes } from 'node:crypto';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHelperClient } from '../../../monitor/helper/helper-client.ts';
import { createHelperDoor } from '../../../monitor/helper/helper-door.ts';
import { dialPort } from '../../../monitor/helper/sealed-connection.ts';
import { createSealer, greet, meet } from '../../../monitor/helper/sealed-frames.ts';
import { encodeRequest } from '../../../monitor/helper/helper-request.ts';
import { describeWith } from '../../engine/capabilities.ts';
import { eventually } from '../egress/egress-stage.ts';
import { startNativePortHelper, type NativePortHelper } from './native-helper.ts';
import { openMiddle, type Meddler, type Middle } from './port-stage.ts';

const hello = encodeRequest({ verb: 'hello' });

describeWith(['root', 'kernel-sensor'], 'The helper behind a port', () => {
  let helper: NativePortHelper;
  const middles: Middle[] = [];

  beforeAll(async () => {
    helper = await startNativePortHelper();
  }, 120_000);

  afterAll(async () => {
    const said = helper.said();
    await Promise.all(middles.map((middle) => middle.stop()));
    helper.stop();
    // The sanitizers' reports, of the processes that pass on too.
    expect(said).toBe('');
  });

  const clientOn = (port: number, key = helper.key) =>
    createHelperClient(() => dialPort({ port, key }));
  const answers = async (): Promise<void> => {
    const said = await clientOn(helper.port).ask({ verb: 'hello' });
    expect(said.ok && said.value.toString()).toContain('"protocol":2');
    expect(helper.isAlive()).toBe(true);
  };

  async function between(meddle: () => Meddler): Promise<number> {
    const middle = await openMiddle(helper.pid, 7373, meddle);
    middles.push(middle);
    return middle.port;
  }

  /** Says those bytes to the port and nothing else; all that comes back until the end, or for a while. */
  function saying(bytes: Uint8Array, ms = 7000): Promise<Buffer> {
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      const socket = connect({ port: helper.port, host: '127.0.0.1' });
      const done = (): void => {
        clearTimeout(limit);
        socket.destroy();
        resolve(Buffer.concat(chunks));
      };
      const limit = setTimeout(done, ms);
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      socket.on('error', done);
      socket.on('close', done);
      socket.write(bytes);
    });
  }

  /** Greets as a monitor does, with that key; the connection, and what both have agreed on. */
  async function meeting(key = helper.key) {
    const socket = connect({ port: helper.port, host: '127.0.0.1', noDelay: true });
    const choice = randomBytes(32);
    socket.write(greet(choice));
    const answer = await new Promise<Buffer>((resolve) => {
      let text = Buffer.alloc(0);
      socket.on('data', (chunk: Buffer) => {
        text = Buffer.concat([text, chunk]);
        if (text.length >= 64) resolve(text);
      });
    });
    return { socket, choice, answer, met: meet(key, choice, answer) };
  }

  /** Whether the other end closes without another byte. */
  async function isClosedAtOnce(socket: Socket): Promise<boolean> {
    let got = 0;
    socket.on('data', (chunk: Buffer) => (got += chunk.length));
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await Promise.race([closed, delay(3000)]);
    const wasClosed = socket.closed;
    socket.destroy();
    return wasClosed && got === 0;
  }

  test('answers who has the key, and is told apart from one that has another', async () => {
    await answers();
    const other = await clientOn(helper.port, randomBytes(32)).ask({ verb: 'hello' });
    expect(other).toMatchObject({
      ok: false,
      error: expect.stringContaining('has not the key') as string,
    });
    await answers();
  });

  test('who has not the key hears one proof, which is another each time, and nothing more', async () => {
    const choice = randomBytes(32);
    const [one, two] = await Promise.all([
      saying(Buffer.concat([greet(choice), randomBytes(32), hello])),
      saying(Buffer.concat([greet(choice), Buffer.alloc(32), hello])),
    ]);
    expect([one.length, two.length]).toEqual([64, 64]);
    expect(one.equals(two)).toBe(false);
    // Its own proof thrown back is not the monitor's.
    const { socket, answer } = await meeting();
    socket.write(answer.subarray(32));
    expect(await isClosedAtOnce(socket)).toBe(true);
  });

  test.each([
    ['the request of a socket', hello],
    ['a web browser', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'.padEnd(200))],
    ['bytes at random', randomBytes(4096)],
    ['another version', Buffer.concat([Buffer.from('SentraH2'), randomBytes(64)])],
  ])('%s is not even answered', async (_, bytes) => {
    expect(await saying(bytes)).toHaveLength(0);
    await answers();
  });

  test('what was recorded of one connection opens no other', async () => {
    const recorded: Buffer[] = [];
    const port = await between(() => ({
      up(bytes) {
        recorded.push(Buffer.from(bytes));
        return bytes;
      },
    }));
    expect(await clientOn(port).ask({ verb: 'hello' })).toMatchObject({ ok: true });
    const all = Buffer.concat(recorded);
    expect(all.length).toBeGreaterThan(40 + 32 + 20);
    // The helper chooses anew, so that the proof that was recorded proves nothing.
    expect(await saying(all)).toHaveLength(64);
  });

  test('a frame that is sent twice, left out, or out of turn ends the connection', async () => {
    const parts = [hello.subarray(0, 5), hello.subarray(5, 9), hello.subarray(9)];
    for (const order of [
      [0, 0, 1, 2],
      [0, 2],
      [1, 0, 2],
    ]) {
      const { socket, met } = await meeting();
      if (met === undefined) throw new Error('It is not the helper.');
      const sealer = createSealer(met.keys.toHelper);
      const frames = parts.map((part) => sealer.seal(part));
      socket.write(Buffer.concat([met.proof, ...order.map((at) => frames[at] ?? Buffer.of())]));
      expect(await isClosedAtOnce(socket)).toBe(true);
    }
    // In their order they are a request.
    const { socket, met } = await meeting();
    if (met === undefined) throw new Error('It is not the helper.');
    const sealer = createSealer(met.keys.toHelper);
    socket.write(Buffer.concat([met.proof, ...parts.map((part) => sealer.seal(part))]));
    expect(await isClosedAtOnce(socket)).toBe(false);
    await answers();
  });

  test('what the helper has sealed is nothing that it takes, and a length beyond all is none', async () => {
    for (const make of [
      (keys: { toHelper: Buffer; fromHelper: Buffer }) => createSealer(keys.fromHelper).seal(hello),
      () => Buffer.concat([Buffer.from('00004001', 'hex'), randomBytes(17_000)]),
      () => Buffer.concat([Buffer.from('ffffffff', 'hex'), randomBytes(100)]),
      () => Buffer.concat([Buffer.from('00000000', 'hex'), randomBytes(16)]),
    ]) {
      const { socket, met } = await meeting();
      if (met === undefined) throw new Error('It is not the helper.');
      socket.write(Buffer.concat([met.proof, make(met.keys)]));
      expect(await isClosedAtOnce(socket)).toBe(true);
    }
    await answers();
  });

  test('one bit that turns on the way, wherever it is, makes an answer a failure', async () => {
    // A length that became greater is left out: the helper waits for the rest, as for any that is slow.
    const places = [0, 7, 8, 39, 40, 71, 72, 73, 76, 80, 95, 98, 105];
    const turns = (['up', 'down'] as const).flatMap((way) => places.map((at) => ({ way, at })));
    const port = await between(() => {
      const turn = turns.pop();
      if (turn === undefined) return {};
      let passed = 0;
      const flip = (bytes: Buffer): Buffer => {
        const turned = Buffer.from(bytes);
        const here = turn.at - passed;
        const before = turned[here];
        if (before !== undefined) turned[here] = before ^ (1 << (turn.at % 8));
        passed += bytes.length;
        return turned;
      };
      return turn.way === 'up' ? { up: flip } : { down: flip };
    });
    const client = clientOn(port);
    const said = await Promise.all(turns.map(() => client.ask({ verb: 'hello' })));
    expect(said.length).toBe(26);
    // Of what was changed nothing reaches what reads requests, nor is it taken for an answer.
    // Where its head came by itself, it breaks off.
    const ends =
      /^What listens on|^The helper (?:closed|cannot be reached)|^The helper’s answer breaks/;
    expect(said.map((each) => (each.ok ? 'answered' : each.error))).toEqual(
      said.map(() => expect.stringMatching(ends) as string),
    );
    expect(turns).toEqual([]);
    expect(await client.ask({ verb: 'hello' })).toMatchObject({ ok: true });
  });

  test('cut wherever it is, an answer is a failure, and a stream is told as cut', async () => {
    // The helper's proof, the frame that says yes with its end, and the one that ends the stream.
    const lengths = [0, 10, 64, 70, 84];
    const port = await between(() => {
      let left = lengths.pop() ?? 64 + 25;
      return {
        down(bytes, cut) {
          const passed = bytes.subarray(0, left);
          left -= passed.length;
          if (passed.length < bytes.length || left === 0) setTimeout(cut, 50);
          return passed;
        },
      };
    });
    const client = clientOn(port);
    const said = await Promise.all(lengths.map(() => client.ask({ verb: 'hello' })));
    expect(said.filter(({ ok }) => ok)).toEqual([]);

    async function endOf(clientThere: typeof client): Promise<string> {
      const opened = await clientThere.open({ verb: 'walls' });
      if (!opened.ok) return opened.error;
      return new Promise((resolve) => {
        opened.value.on('error', ({ message }) => resolve(message));
        opened.value.on('close', () => resolve('ended'));
        opened.value.resume();
      });
    }
    expect(await endOf(client)).toContain('was cut');
    // There is no such program on this machine, so that the stream ends where it would begin.
    expect(await endOf(clientOn(helper.port))).toBe('ended');
  });

  test('who connects and says nothing is cut off; two hundred of them keep nobody out', async () => {
    const began = performance.now();
    const silent = Array.from({ length: 200 }, () => {
      const socket = connect({ port: helper.port, host: '127.0.0.1' });
      socket.on('error', () => undefined);
      return new Promise((resolve) => socket.once('close', resolve));
    });
    await delay(300);
    const first = performance.now();
    for (let count = 0; count < 5; count += 1) await answers();
    expect(performance.now() - first).toBeLessThan(4000);
    await Promise.all(silent);
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  test('two hundred requests at once are all answered', async () => {
    const door = createHelperDoor(undefined);
    door.lead({ port: helper.port, key: helper.key });
    const client = createHelperClient(door.dial);
    const said = await Promise.all(
      Array.from({ length: 200 }, () => client.ask({ verb: 'hello' })),
    );
    expect(said.filter(({ ok }) => !ok)).toEqual([]);
  });

  test('a text of megabytes arrives whole, through any pieces', async () => {
    const port = await between(() => ({}));
    const ruleset = `${'a'.repeat(1023)}\n`.repeat(4096);
    const place = { container: 'ab'.repeat(32), pid: 2 };
    const said = await clientOn(port).ask({ verb: 'apply', place, ruleset });
    expect(said).toMatchObject({ ok: false, error: expect.stringContaining('ruleset') as string });
  });

  test('what took the port of a helper that is gone is not believed', async () => {
    const replies = [
      Buffer.alloc(64),
      randomBytes(64),
      Buffer.concat([randomBytes(64), Buffer.from('ok 0\n')]),
    ];
    for (const reply of replies) {
      const server = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.write(reply);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      expect(await clientOn(port).ask({ verb: 'hello' })).toMatchObject({ ok: false });
      server.close();
    }
  });

  test('one that proves itself and is gone in the same moment is a failure, and no more', async () => {
    const key = randomBytes(32);
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (greeting: Buffer) => {
        const own = randomBytes(32);
        const proof = createHmac('sha256', key).update('helper\0').update(greeting.subarray(8));
        socket.write(Buffer.concat([own, proof.update(own).digest()]));
        socket.resetAndDestroy();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = clientOn((server.address() as AddressInfo).port, key);
    for (let count = 0; count < 50; count += 1) {
      expect(await client.ask({ verb: 'hello' })).toMatchObject({
        ok: false,
        error: expect.stringMatching(/^The helper |^What listens on/) as string,
      });
    }
    server.close();
  }, 20_000);

  test('one that nobody hands a key to, or half of one, serves nobody', async () => {
    for (const handed of ['', 'ab'.repeat(16), `${'zz'.repeat(32)}\n`, 'ab'.repeat(33)]) {
      expect(await helper.startOther(handed)).toMatch(/key/);
    }
    await eventually('the other one goes on', async () => {
      await answers();
      return true;
    });
  });
});

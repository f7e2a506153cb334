import type { Duplex } from 'node:stream';
import { plainText } from '../runtime/plain-text.ts';
import { failed, ok, type Result } from '../runtime/result.ts';
import type { Dial } from './helper-door.ts';
import { encodeRequest, type HelperRequest } from './helper-request.ts';

/** Asks the helper behind a socket; a connection for each request. */
export interface HelperClient {
  /** Asks, and resolves to the whole answer. The failure is the helper's own sentence, or says why none came. */
  ask(request: HelperRequest): Promise<Result<Buffer, string>>;
  /** Asks, and resolves to the connection once the helper has said yes: what comes is the stream's. */
  open(request: HelperRequest): Promise<Result<Duplex, string>>;
}

/** A wall of 10,000 rules takes some seconds. */
const timeoutMs = 35_000;
const mostHead = 40;
/** As the helper's own bound of what nft prints, and some for the heading. */
const mostAnswer = 33 * 1024 * 1024;

/** A client of whatever is dialled. Connects with each request, and never before. */
export function createHelperClient(dial: Dial): HelperClient {
  async function begin(request: HelperRequest): Promise<Result<Begun, string>> {
    const dialled = await dial();
    return dialled.ok ? await readHead(dialled.value, request) : dialled;
  }

  async function ask(request: HelperRequest): Promise<Result<Buffer, string>> {
    const begun = await begin(request);
    if (!begun.ok) return begun;
    const text = await readRest(begun.value);
    if (!text.ok || begun.value.isOk) return text;
    return failed(plainText(text.value.toString('utf8').trim(), 500));
  }

  return {
    ask,
    async open(request) {
      const begun = await begin(request);
      if (!begun.ok) return begun;
      const { socket, isOk, length, rest } = begun.value;
      if (!isOk) {
        const text = await readRest(begun.value);
        return text.ok ? failed(plainText(text.value.toString('utf8').trim(), 500)) : text;
      }
      if (length > 0) {
        socket.destroy();
        return failed('The helper answered where it should have begun to tell.');
      }
      if (rest.length > 0) socket.unshift(rest);
      return ok(socket);
    },
  };
}

interface Begun {
  readonly socket: Duplex;
  readonly isOk: boolean;
  readonly length: number;
  /** What came with the head. */
  readonly rest: Buffer;
}

/** Asks, reads the head of the answer, and hands over the rest. */
function readHead(socket: Duplex, request: HelperRequest): Promise<Result<Begun, string>> {
  return new Promise((resolve) => {
    let text = Buffer.alloc(0);

    function fail(reason: string): void {
      clearTimeout(limit);
      socket.destroy();
      resolve(failed(reason));
    }
    const limit = setTimeout(() => fail('The helper did not answer in time.'), timeoutMs);
    const onClose = (): void => fail('The helper closed the connection without an answer.');
    const onData = (chunk: Buffer): void => {
      text = Buffer.concat([text, chunk]);
      const end = text.indexOf(0x0a);
      if (end < 0 && text.length <= mostHead) return;
      const head = /^(ok|failed) (\d{1,9})$/.exec(text.toString('latin1', 0, Math.max(0, end)));
      const length = Number(head?.[2]);
      if (head === null || length > mostAnswer) {
        fail('What answers is no helper of Sentra’s.');
        return;
      }
      clearTimeout(limit);
      socket.pause();
      socket.off('data', onData);
      socket.off('close', onClose);
      resolve(ok({ socket, isOk: head[1] === 'ok', length, rest: text.subarray(end + 1) }));
    };
    socket.on('error', (error) => fail(`The helper cannot be reached: ${error.message}`));
    socket.on('close', onClose);
    socket.on('data', onData);
    socket.write(encodeRequest(request));
  });
}

/** Reads so much as the head promised, and closes the connection. */
function readRest({ socket, length, rest }: Begun): Promise<Result<Buffer, string>> {
  return new Promise((resolve) => {
    const chunks = [rest];
    let got = rest.length;

    function finish(result: Result<Buffer, string>): void {
      clearTimeout(limit);
      socket.destroy();
      resolve(result);
    }
    const whole = (): void => finish(ok(Buffer.concat(chunks).subarray(0, length)));
    const limit = setTimeout(() => finish(failed('The helper fell silent.')), timeoutMs);
    if (got >= length) {
      whole();
      return;
    }
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      got += chunk.length;
      if (got >= length) whole();
    });
    socket.on('close', () => finish(failed('The helper’s answer breaks off.')));
    socket.resume();
  });
}

import { isIPv4 } from 'node:net';
import {
  startLineProcess,
  type LineProcess,
  type StartLineProcess,
} from '../../runtime/line-process.ts';
import { createLineProgram } from '../../runtime/line-program.ts';
import type { Logger } from '../../runtime/logger.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { findWallProgram } from '../wall/wall-program.ts';
import { readHoldLine, type HeldPacket, type HoldLine } from './hold-line.ts';

/** A network namespace: that of a process, while it is still the one with this inode. */
export interface HoldSpace {
  readonly pid: number;
  readonly inode: number;
}

/** What is told of a namespace. */
export interface HoldListener {
  readonly onHeld: (packet: HeldPacket) => void;
  /** The name that was meant by `from` is at `to` now; undefined when it has no address. */
  readonly onLed: (from: string, to: string | undefined) => void;
  /** So many more were held, or refused, in one second than can be told. */
  readonly onLeftOut: (count: number) => void;
}

/**
 * Holds connections in the networks of containers, all with one process. It decides nothing: what it
 * sends again passes the container's wall like anything else.
 */
export interface Holder {
  /** Holds there from now on; nothing more is done where it does already. The failure is a sentence. */
  enter(space: HoldSpace, listener: HoldListener): Promise<Result<void, string>>;
  /** No more; what is held is sent again, and the wall decides. */
  leave(inode: number): void;
  /**
   * The name is allowed now: has it resolved, leads its placeholder there, sends again. Neither this
   * nor what follows does anything about an address of IPv6, to which nothing is held.
   */
  lead(inode: number, address: string, name: string): void;
  /** Has the wall refuse this for so long, and sends again. */
  turnAway(inode: number, to: HeldPacket, seconds: number): void;
  sendAgain(inode: number, to: HeldPacket): void;
  close(): Promise<void>;
}

/** Entering takes a millisecond; a busy machine gets this long. */
const enterMs = 5000;

interface Entered {
  readonly pid: number;
  readonly listener: HoldListener;
  /** Resolves to whether it is held there. */
  readonly answer: Promise<Result<void, string>>;
  readonly settle: (answer: Result<void, string>) => void;
}

function startHere(): Result<LineProcess, string> {
  const path = findWallProgram('sentra-holds');
  return path.ok ? ok(startLineProcess(path.value)) : path;
}

/** Starts nothing before it is to hold somewhere. */
export function createHolder(logger: Logger, begin: StartLineProcess = startHere): Holder {
  const spaces = new Map<number, Entered>();

  function take(line: HoldLine): void {
    const space = spaces.get(line.inode);
    if (space === undefined) return;
    switch (line.kind) {
      case 'entered':
        space.settle(ok(undefined));
        return;
      case 'not-entered':
        spaces.delete(line.inode);
        space.settle(failed(`connections cannot be held in its network: ${line.reason}`));
        return;
      case 'held':
        space.listener.onHeld(line.packet);
        return;
      case 'led':
        space.listener.onLed(line.from, line.to);
        return;
      case 'left-out':
        space.listener.onLeftOut(line.count);
    }
  }

  function lose(reason: string, isClosed: boolean): void {
    // Each network is entered anew at the next look.
    const lost = [...spaces.values()];
    spaces.clear();
    for (const { settle } of lost) settle(failed(`connections cannot be held: ${reason}`));
    if (!isClosed) logger.warn(`The program that holds connections has ended. ${reason}`);
  }

  const program = createLineProgram(
    begin,
    (text) => {
      const line = readHoldLine(text);
      if (line !== undefined) take(line);
    },
    lose,
  );

  const say = (...words: readonly (string | number)[]): void => {
    program.say(words.join(' '));
  };

  return {
    async enter({ pid, inode }, listener) {
      const known = spaces.get(inode);
      if (known?.pid === pid) return known.answer;
      const started = program.start();
      if (!started.ok) return started;
      const { promise, resolve } = Promise.withResolvers<Result<void, string>>();
      const limit = setTimeout(() => {
        if (spaces.get(inode)?.settle === settle) spaces.delete(inode);
        settle(failed(`connections cannot be held: no answer within ${enterMs} ms.`));
      }, enterMs);
      const settle = (answer: Result<void, string>): void => {
        clearTimeout(limit);
        resolve(answer);
      };
      spaces.set(inode, { pid, listener, answer: promise, settle });
      say('+', pid, inode);
      return promise;
    },
    leave(inode) {
      if (spaces.delete(inode)) say('-', inode);
    },
    lead(inode, address, name) {
      if (isIPv4(address)) say('m', inode, address, name);
    },
    turnAway(inode, { protocol, address, port }, seconds) {
      if (isIPv4(address)) say('t', inode, protocol, address, port, seconds);
    },
    sendAgain(inode, { protocol, address, port }) {
      if (isIPv4(address)) say('s', inode, protocol, address, port);
    },
    close: () => program.close(),
  };
}

import type { HeldRequest } from '../../model/held.ts';
import type { Moment } from '../../model/time.ts';
import type { ContainerId, Workload } from '../../model/workload.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import type { EgressRule } from '../list/rule.ts';
import { decideHeld } from './decide-held.ts';
import {
  defer,
  expire,
  hear,
  noRequests,
  onceMs,
  packetsOf,
  refuseOnce,
  requestsOf,
  settle,
  type HeldRequests,
} from './held-requests.ts';
import type { HeldPacket } from './hold-line.ts';
import type { Holder, HoldSpace } from './holder.ts';

/** How a person answers without a rule. */
export type HeldAnswer = 'refuse-once' | 'defer';

/** What asking works with. */
export interface AskingParts {
  readonly holder: Holder;
  readonly now: () => Moment;
  /** The rules as they hold for the container now. */
  readonly rules: (workload: Workload) => readonly EgressRule[];
  /** What is asked is another: the whole of it, the latest first. */
  readonly onChange: (requests: readonly HeldRequest[]) => void;
}

/** The container as a guard knows it. */
export interface AskingGuard {
  readonly workload: () => Workload;
  /** The name that led the container to the address last. */
  readonly nameOf: (address: string) => string | undefined;
}

/** Holds what no rule decides about, and keeps account of what a person is to be asked. */
export interface Asking {
  /** Holds in the container's network; nothing more is done where it does. The failure is a sentence. */
  hold(space: HoldSpace, guard: AskingGuard): Promise<Result<void, string>>;
  /** The container asks no more: what is held is sent again, and the wall decides. */
  release(container: ContainerId): void;
  /** The wall follows the list: what is decided now is let through, or refused. */
  review(container: ContainerId): void;
  requests(): readonly HeldRequest[];
  /** Fails with a sentence when the request is not there any more. */
  answer(id: string, answer: HeldAnswer): Result<HeldRequest, string>;
  /** Refuses what nobody answered in time. */
  tick(): void;
  close(): Promise<void>;
}

interface Held {
  readonly space: HoldSpace;
  readonly guard: AskingGuard;
  readonly state: HeldRequests;
  /** Packets whose name is being resolved, by their address; the oldest go first. */
  readonly led: Map<string, readonly HeldPacket[]>;
}

/** So long the wall refuses at once what a rule denies, or what leads nowhere. */
const deniedSeconds = 60;
const nowhereSeconds = 10;
const mostLed = 64;

function isSame(one: HeldPacket, other: HeldPacket): boolean {
  return one.protocol === other.protocol && one.port === other.port;
}

/** Holds nowhere. */
export function createAsking({ holder, now, rules, onChange }: AskingParts): Asking {
  const containers = new Map<ContainerId, Held>();

  const all = (): readonly HeldRequest[] =>
    [...containers.values()]
      .flatMap(({ state }) => requestsOf(state))
      .sort((one, other) => other.lastAt - one.lastAt);

  const changed = (): void => onChange(all());

  function onHeld(held: Held, told: HeldPacket): void {
    const { inode } = held.space;
    const workload = held.guard.workload();
    const packet = { ...told, name: told.name ?? held.guard.nameOf(told.address) };
    // An earlier run gave it out; whoever asks for the name again is told another.
    if (packet.name === undefined && packet.address.startsWith('240.')) {
      holder.turnAway(inode, packet, deniedSeconds);
      return;
    }
    switch (decideHeld(rules(workload), packet)) {
      case 'allow':
        letThrough(held, packet);
        return;
      case 'deny':
        holder.turnAway(inode, packet, deniedSeconds);
        return;
      case 'undecided': {
        const heard = hear(held.state, packet, workload, now());
        if (heard.kind === 'refuse') holder.turnAway(inode, packet, heard.seconds);
        else if (heard.isNew) changed();
      }
    }
  }

  function letThrough({ space, led }: Held, packet: HeldPacket): void {
    if (packet.name === undefined) {
      holder.sendAgain(space.inode, packet);
      return;
    }
    // Several ports of one name may wait for it at once.
    const others = led.get(packet.address) ?? [];
    led.set(packet.address, [...others.filter((each) => !isSame(each, packet)), packet]);
    const [oldest] = led.keys();
    if (led.size > mostLed && oldest !== undefined) led.delete(oldest);
    holder.lead(space.inode, packet.address, packet.name);
  }

  /** An allowed name that leads nowhere, or where no rule lets it: refused rather than held for ever. */
  function onLed({ space, led }: Held, from: string, to: string | undefined): void {
    const packets = led.get(from) ?? [];
    led.delete(from);
    if (to !== undefined) return;
    for (const packet of packets) holder.turnAway(space.inode, packet, nowhereSeconds);
  }

  function find(id: string): { held: Held; request: HeldRequest } | undefined {
    for (const held of containers.values()) {
      const request = requestsOf(held.state).find((each) => each.id === id);
      if (request !== undefined) return { held, request };
    }
    return undefined;
  }

  function turnAway({ space, state }: Held, id: string): void {
    for (const packet of packetsOf(state, id)) {
      holder.turnAway(space.inode, packet, onceMs / 1000);
    }
  }

  function release(container: ContainerId): void {
    const held = containers.get(container);
    if (held === undefined) return;
    containers.delete(container);
    holder.leave(held.space.inode);
    if (held.state.byKey.size > 0) changed();
  }

  return {
    async hold(space, guard) {
      const { container } = guard.workload();
      const before = containers.get(container);
      const isHeld = before?.space.inode === space.inode && before.space.pid === space.pid;
      if (!isHeld) release(container);
      const held = isHeld ? before : { space, guard, state: noRequests(), led: new Map() };
      const entered = await holder.enter(space, {
        onHeld: (packet) => onHeld(held, packet),
        onLed: (from, to) => onLed(held, from, to),
      });
      if (entered.ok) containers.set(container, held);
      else release(container);
      return entered;
    },
    release,
    review(container) {
      const held = containers.get(container);
      if (held === undefined || held.state.byKey.size === 0) return;
      const list = rules(held.guard.workload());
      let isChanged = false;
      for (const { id } of requestsOf(held.state)) {
        const packets = packetsOf(held.state, id);
        const [first] = packets;
        const verdict = first === undefined ? 'deny' : decideHeld(list, first);
        if (verdict === 'undecided') continue;
        if (verdict === 'allow') for (const packet of packets) letThrough(held, packet);
        else turnAway(held, id);
        settle(held.state, id);
        isChanged = true;
      }
      if (isChanged) changed();
    },
    requests: all,
    answer(id, answer) {
      const found = find(id);
      if (found === undefined) {
        return failed('This is not held any more: it was answered, or its container has ended.');
      }
      turnAway(found.held, id);
      if (answer === 'defer') defer(found.held.state, id);
      else refuseOnce(found.held.state, id, now());
      changed();
      return ok(found.request);
    },
    tick() {
      let isChanged = false;
      for (const held of containers.values()) {
        for (const { id } of expire(held.state, now())) {
          turnAway(held, id);
          isChanged = true;
        }
      }
      if (isChanged) changed();
    },
    close: () => holder.close(),
  };
}

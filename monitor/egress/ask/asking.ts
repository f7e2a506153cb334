import type { HeldRequest } from '../../model/held.ts';
import type { Moment } from '../../model/time.ts';
import type { ContainerId, Workload, WorkloadKey } from '../../model/workload.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { normaliseName } from '../list/host-name.ts';
import type { EgressRule } from '../list/rule.ts';
import { heldDecider, isMeantBy } from './decide-held.ts';
import {
  defer,
  expire,
  hear,
  leave,
  mostWaiting,
  noRequests,
  onceMs,
  packetsOf,
  refuseOnce,
  requestsOf,
  waitingIn,
  withdraw,
  type HeldRequests,
  type SentPacket,
} from './held-requests.ts';
import type { HeldPacket } from './hold-line.ts';
import type { Holder, HoldSpace } from './holder.ts';
import { createLedPackets, type LedPackets } from './led-packets.ts';

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
  /** How many packets of the container nobody was asked about so far: there were too many. */
  unasked(container: ContainerId): number;
  /** Fails with a sentence when the request is not there any more. */
  answer(id: string, answer: HeldAnswer): Result<HeldRequest, string>;
  /** Refuses what nobody answered in time. */
  tick(): void;
  close(): Promise<void>;
}

interface Held {
  readonly space: HoldSpace;
  readonly guard: AskingGuard;
  readonly led: LedPackets;
  unasked: number;
}

/** So long the wall refuses at once what a rule denies, or what leads nowhere. */
const deniedSeconds = 60;
const nowhereSeconds = 10;

/**
 * Nobody reads more questions than these. A workload that asks little has some of its own beyond them,
 * so that those that ask much do not silence it.
 */
export const mostInAll = 60;
const mostBeyond = 3;

/** Whether it stands for a name: see kernel/placeholders.h. */
const isPlaceholder = (address: string): boolean => address.startsWith('240.');

const mostWorkloads = 256;

/** Holds nowhere. */
export function createAsking({ holder, now, rules, onChange }: AskingParts): Asking {
  const containers = new Map<ContainerId, Held>();
  const states = new Map<WorkloadKey, HeldRequests>();

  const all = (): readonly HeldRequest[] =>
    [...states.values()].flatMap(requestsOf).sort((one, other) => other.lastAt - one.lastAt);

  const changed = (): void => onChange(all());

  function stateOf(key: WorkloadKey): HeldRequests {
    const known = states.get(key);
    if (known !== undefined) return known;
    const state = noRequests();
    states.set(key, state);
    return state;
  }

  function room(): number {
    let open = 0;
    for (const state of states.values()) open += waitingIn(state);
    return open < mostInAll ? mostWaiting : mostBeyond;
  }

  function onHeld(held: Held, told: HeldPacket): void {
    const { inode } = held.space;
    const workload = held.guard.workload();
    const list = rules(workload);
    const known = held.guard.nameOf(told.address);
    const isMeant = known !== undefined && isMeantBy(list, known, told.address);
    const packet = { ...told, name: told.name ?? (isMeant ? known : undefined) };
    // An earlier run gave it out; whoever asks for the name again is told another.
    if (packet.name === undefined && isPlaceholder(packet.address)) {
      holder.turnAway(inode, packet, deniedSeconds);
      return;
    }
    // No rule can be about what is no name for a list: nobody could answer.
    if (packet.name !== undefined && !normaliseName(packet.name).ok) {
      holder.turnAway(inode, packet, deniedSeconds);
      return;
    }
    switch (heldDecider(list)(packet)) {
      case 'allow':
        letThrough(held, packet);
        return;
      case 'deny':
        holder.turnAway(inode, packet, deniedSeconds);
        return;
      case 'undecided': {
        const state = stateOf(workload.key);
        const before = state.past.size;
        const heard = hear(state, packet, workload, now(), room());
        // A question, or what was put off before its container was started anew.
        if ((heard.kind === 'held' && heard.isNew) || state.past.size < before) changed();
        if (heard.kind === 'held') return;
        if (heard.isUnasked) held.unasked += 1;
        holder.turnAway(inode, packet, heard.seconds);
      }
    }
  }

  function letThrough({ space, led }: Held, packet: HeldPacket): void {
    if (packet.name === undefined) {
      holder.sendAgain(space.inode, packet);
      return;
    }
    if (led.isInVain(packet.address, now())) {
      holder.turnAway(space.inode, packet, nowhereSeconds);
      return;
    }
    led.put(packet);
    holder.lead(space.inode, packet.address, packet.name);
  }

  /** An allowed name that leads nowhere, or where no rule lets it: refused rather than held for ever. */
  function onLed({ space, led }: Held, from: string, to: string | undefined): void {
    const packets = led.take(from);
    if (to !== undefined) {
      if (!isPlaceholder(from)) led.note(from, now());
      return;
    }
    for (const packet of packets) holder.turnAway(space.inode, packet, nowhereSeconds);
  }

  function find(id: string): { state: HeldRequests; request: HeldRequest } | undefined {
    for (const state of states.values()) {
      const request = requestsOf(state).find((each) => each.id === id);
      if (request !== undefined) return { state, request };
    }
    return undefined;
  }

  function turnAway({ from, packet }: SentPacket, seconds: number): void {
    const held = containers.get(from.container);
    if (held !== undefined) holder.turnAway(held.space.inode, packet, seconds);
  }

  function release(container: ContainerId): void {
    const held = containers.get(container);
    if (held === undefined) return;
    containers.delete(container);
    holder.leave(held.space.inode);
    let isChanged = false;
    for (const state of states.values()) if (leave(state, container)) isChanged = true;
    forgetOldest();
    if (isChanged) changed();
  }

  /** Of workloads without a container what was put off, or refused, is remembered of so many. */
  function forgetOldest(): void {
    const present = new Set([...containers.values()].map(({ guard }) => guard.workload().key));
    for (const key of states.keys()) {
      if (states.size <= mostWorkloads) return;
      if (!present.has(key)) states.delete(key);
    }
  }

  return {
    async hold(space, guard) {
      const { container } = guard.workload();
      const before = containers.get(container);
      const isHeld = before?.space.inode === space.inode && before.space.pid === space.pid;
      if (!isHeld) release(container);
      const held: Held = isHeld ? before : { space, guard, led: createLedPackets(), unasked: 0 };
      const entered = await holder.enter(space, {
        onHeld: (packet) => onHeld(held, packet),
        onLed: (from, to) => onLed(held, from, to),
        onLeftOut: (count) => void (held.unasked += count),
      });
      if (entered.ok) containers.set(container, held);
      else release(container);
      return entered;
    },
    release,
    review(container) {
      const held = containers.get(container);
      if (held === undefined) return;
      const workload = held.guard.workload();
      const state = states.get(workload.key);
      if (state === undefined || state.byKey.size === 0) return;
      const decide = heldDecider(rules(workload));
      const isChanged = withdraw(state, (sent) => {
        if (sent.from.container !== container) return false;
        const verdict = decide(sent.packet);
        if (verdict === 'allow') letThrough(held, sent.packet);
        if (verdict === 'deny') turnAway(sent, onceMs / 1000);
        return verdict !== 'undecided';
      });
      if (isChanged) changed();
    },
    requests: all,
    unasked: (container) => containers.get(container)?.unasked ?? 0,
    answer(id, answer) {
      const found = find(id);
      if (found === undefined) {
        return failed('This is not held any more: it was answered, or its container has ended.');
      }
      for (const sent of packetsOf(found.state, id)) turnAway(sent, onceMs / 1000);
      if (answer === 'defer') defer(found.state, id);
      else refuseOnce(found.state, id, now());
      changed();
      return ok(found.request);
    },
    tick() {
      let isChanged = false;
      for (const state of states.values()) {
        for (const { id } of expire(state, now())) {
          for (const sent of packetsOf(state, id)) turnAway(sent, onceMs / 1000);
          isChanged = true;
        }
      }
      if (isChanged) changed();
    },
    close: () => holder.close(),
  };
}

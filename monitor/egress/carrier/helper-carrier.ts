import { randomInt } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import type { Helper } from '../../helper/helper-keeper.ts';
import type { ContainerId } from '../../model/workload.ts';
import { plainText } from '../../runtime/plain-text.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import type { Applied, Carrier, Place, Reading } from './carrier.ts';
import { helperGround } from './helper-ground.ts';
import { readLook, type Look } from './helper-look.ts';
import { createResolverLook } from './helper-resolvers.ts';
import { areGuardable } from './namespace.ts';
import { createNativeGate } from '../gate/native-gate.ts';
import { probedWall, probeWall } from '../guard/probe-wall.ts';
import { compileResolver } from '../resolver/resolver-config.ts';
import { boundLines } from '../resolver/line-bound.ts';
import { createResolverStates } from '../resolver/resolver-state.ts';
import { compileRuleset, observingRuleset } from '../wall/ruleset.ts';
import type { KnownAddress } from '../wall/wall-sets.ts';
import type { WallPlan } from '../wall/wall-plan.ts';
import { removeNote } from '../wall/wall-record.ts';
import type { WallReader } from '../wall/wall-reader.ts';
import { listingOf, otherTablesOf, type NetworkLink } from '../wall/wall-reply.ts';

const startMs = 5000;

/** Walls made by the helper; what they are to be is worked out here, as for native ones. */
export function createHelperCarrier(helper: Helper, reader: WallReader): Carrier {
  const seen = createResolverLook(helper);
  const resolvers = createResolverStates((pid) => seen.factsOf(pid));
  /** Networks that were looked at, by main process; the reader notices another one by its inode. */
  const looks = new Map<ContainerId, { readonly pid: number; readonly look: Look }>();
  /** The logs of resolvers that are followed. */
  const logs = new Map<ContainerId, Duplex>();

  const gate = createNativeGate({
    reader,
    ground: helperGround(helper),
    linksOf,
    now: () => performance.now(),
  });

  async function linksOf(place: Place): Promise<readonly NetworkLink[]> {
    const { container, pid } = place;
    const before = looks.get(container);
    const looked = before?.pid === pid ? ok(before.look) : await look(place);
    const reply = looked.ok ? await reader.read({ pid, inode: looked.value.inode }) : looked;
    return reply.ok ? reply.value.links : [];
  }

  async function look(place: Place): Promise<Result<Look, string>> {
    const reason = helper.whyNot();
    if (reason !== undefined) return failed(reason);
    const said = await helper.client.ask({ verb: 'look', place });
    return said.ok ? keep(place, readLook(said.value.toString('latin1'))) : said;
  }

  function keep({ container, pid }: Place, looked: Result<Look, string>): Result<Look, string> {
    if (looked.ok) looks.set(container, { pid, look: looked.value });
    else looks.delete(container);
    return looked;
  }

  async function readOne(place: Place): Promise<Result<Reading, string>> {
    const { container, pid } = place;
    const before = looks.get(container);
    const looked = before?.pid === pid ? ok(before.look) : await look(place);
    if (!looked.ok) return looked;
    const { inode, powers } = looked.value;
    const hasLog = logs.has(container);
    const [reply, fresh] = await Promise.all([
      reader.read({ pid, inode }),
      hasLog ? seen.look() : ok(undefined),
    ]);
    if (!fresh.ok) return failed(helper.whyNot() ?? fresh.error);
    if (!reply.ok) {
      looks.delete(container);
      return failed(helper.whyNot() ?? reply.error);
    }
    return ok({
      listing: listingOf(reply.value),
      elements: reply.value.rules?.elements ?? [],
      otherTables: otherTablesOf(reply.value),
      inode,
      devices: reply.value.links
        .map(({ name }) => name)
        .filter((name) => name !== 'lo')
        .sort(),
      powers,
      // One whose log nobody follows tells no names any more: it is to be started anew.
      resolver: hasLog ? resolvers.stateOf(container, seen.pidsOf(container)) : 'absent',
    });
  }

  async function apply(
    place: Place,
    plan: WallPlan,
    known: readonly KnownAddress[],
  ): Promise<Result<Applied, string>> {
    const looked = await look(place);
    if (!looked.ok) return looked;
    const compiled = rulesetFor(place.container, plan, known, looked.value);
    if (!compiled.ok) return compiled;
    const ruleset = compiled.value;
    const put = await helper.client.ask({ verb: 'apply', place, ruleset });
    if (!put.ok) return put;
    const after = keep(place, readLook(put.value.toString('latin1')));
    if (!after.ok) return after;
    const sentBefore = [...after.value.devices.values()].reduce((sum, each) => sum + each, 0);
    const reading = await readOne(place);
    return reading.ok ? ok({ ...reading.value, sentBefore }) : reading;
  }

  function rulesetFor(
    container: ContainerId,
    plan: WallPlan,
    known: readonly KnownAddress[],
    looked: Look,
  ): Result<string, string> {
    if (plan.mode === 'observe') return ok(observingRuleset);
    const hierarchy = helper.abilities()?.hierarchy;
    if (hierarchy === undefined) {
      return failed(helper.whyNot() ?? 'The engine’s host has no cgroup v2 at /sys/fs/cgroup.');
    }
    const devices = [...looked.devices.keys()].sort();
    if (!areGuardable(devices)) {
      return failed('It has an interface with a name that cannot be guarded.');
    }
    const cgroup = { path: `${hierarchy}sentra-egress/${container}`, level: 2 };
    const mark = randomInt(1, 2 ** 32);
    return ok(compileRuleset(plan, { devices, cgroup, mark, known }));
  }

  async function resolve(
    place: Place,
    plan: WallPlan,
    onLine: (line: string) => void,
  ): Promise<Result<void, string>> {
    const { container } = place;
    logs.get(container)?.destroy();
    logs.delete(container);
    if (plan.mode === 'observe') return done({ verb: 'forget', container });
    const looked = await look(place);
    if (!looked.ok) return looked;
    const configuration = compileResolver(plan, looked.value.hasIpv6);
    const opened = await helper.client.open({ verb: 'resolve', place, configuration });
    if (!opened.ok) return opened;
    const log = opened.value;
    const started = await followLog(log, onLine);
    if (!started.ok) return started;
    logs.set(container, log);
    log.once('close', () => {
      if (logs.get(container) === log) logs.delete(container);
    });
    const fresh = await seen.lookNow();
    if (!fresh.ok) return failed(helper.whyNot() ?? fresh.error);
    resolvers.note(container, started.value);
    return ok(undefined);
  }

  async function done(
    request: Parameters<Helper['client']['ask']>[0],
  ): Promise<Result<void, string>> {
    const said = await helper.client.ask(request);
    return said.ok ? ok(undefined) : failed(helper.whyNot() ?? said.error);
  }

  function forgetHere(container: ContainerId): void {
    logs.get(container)?.destroy();
    logs.delete(container);
    looks.delete(container);
    resolvers.forget(container);
    removeNote(container);
  }

  return {
    lacks: () => (helper.isInstalled() ? undefined : helper.whyNot()),
    async read(places) {
      const readings = places.map(
        async (place) => [place.container, await readOne(place)] as const,
      );
      return new Map(await Promise.all(readings));
    },
    apply,
    resolve,
    async prove(place, plan, allowedName) {
      const looked = await look(place);
      if (!looked.ok) return looked;
      return probeWall(
        async (uid, ways) => {
          const said = await helper.client.ask({ verb: 'probe', place, uid, ways });
          return said.ok ? ok(said.value.toString('latin1')) : said;
        },
        plan,
        { allowedName, ownUid: looked.value.uid },
        async () => {
          const reading = await readOne(place);
          return reading.ok ? ok(probedWall(reading.value)) : reading;
        },
      );
    },
    async remove(place) {
      const removed = await done({ verb: 'remove', place });
      if (removed.ok) forgetHere(place.container);
      return removed;
    },
    async forget(container) {
      await done({ verb: 'forget', container });
      forgetHere(container);
    },
    gate: (plan) => gate.keep(plan),
    async close() {
      // Resolvers go on; nobody follows what they say.
      for (const log of logs.values()) log.destroy();
      logs.clear();
      await reader.close();
    },
  };
}

/** Follows a resolver's log; resolves to its process once it answers. The failure is a sentence. */
function followLog(log: Duplex, onLine: (line: string) => void): Promise<Result<number, string>> {
  return new Promise((resolve) => {
    const said: string[] = [];
    const bounded = boundLines(onLine);
    const limit = setTimeout(() => {
      log.destroy();
      resolve(failed(`The resolver did not start within ${startMs} ms.`));
    }, startMs);
    log.on('error', () => undefined);
    log.on('close', () => {
      clearTimeout(limit);
      resolve(failed(`The resolver ended at once: ${plainText(said.slice(-3).join(' '), 300)}`));
    });
    const lines = createInterface({ input: log });
    // It passes on the connection's own failure, after which that is closed.
    lines.on('error', () => undefined);
    lines.on('line', (line) => {
      if (said.length < 20) said.push(line);
      const pid = /^dnsmasq\[(\d+)\]: started, version /.exec(line)?.[1];
      if (pid !== undefined) {
        clearTimeout(limit);
        resolve(ok(Number(pid)));
      }
      bounded(line);
    });
  });
}

import { createHelperTaker } from '../../egress/disarm/helper-taker.ts';
import type { WallTaker } from '../../egress/disarm/wall-taker.ts';
import type { SpaceKey } from '../../egress/wall/wall-reader.ts';
import { createWallReader } from '../../egress/wall/wall-reader.ts';
import type { Engine } from '../../engine/port.ts';
import type { HelperClient } from '../../helper/helper-client.ts';
import { removeHelper, whyNotOurs, type HelperParts } from '../../helper/helper-container.ts';
import { startInHelper } from '../../helper/helper-process.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import type { HelperHand } from './disarmer.ts';

/**
 * The helper of an engine, to be removed: this person's, or, for root, whoever's. That of another person
 * is told as a failure.
 */
export function helperHand({ calls, image, ways }: HelperParts, isRoot: boolean): HelperHand {
  const whose = isRoot ? undefined : ways;
  return {
    async isThere() {
      const found = await calls.inspect();
      if (!found.ok) return failed(`${found.error.message} ${found.error.advice}`);
      if (found.value === undefined) return ok(false);
      const foreign = whyNotOurs(found.value, whose);
      return foreign === undefined ? ok(true) : failed(foreign);
    },
    remove: () => removeHelper({ calls, image, ways: whose }),
  };
}

/** Walls of an engine's containers, through its helper. */
export function throughHelper(
  client: HelperClient,
  engine: Pick<Engine, 'list'>,
  engineSpace: () => Promise<Result<SpaceKey, string>>,
): WallTaker {
  return createHelperTaker({
    client,
    reader: createWallReader(() => ok(startInHelper({ client, whyNot: () => undefined }, 'walls'))),
    engineSpace,
    async containers() {
      const listed = await engine.list();
      if (!listed.ok) return failed(listed.error.message);
      return ok(new Set(listed.value.map(({ container }) => container)));
    },
  });
}

import { describe, test } from 'vitest';
import * as z from 'zod';
import { findChromium } from '../host/browser.ts';

/**
 * What a test may need beyond Node. `engine`: the private Docker engine with the busybox image;
 * `debian-image`: the Debian image in it; `root`: rights to start further engines, to look into
 * namespaces and to read other users' processes; `chromium`: the browser that plays windows;
 * `kernel-sensor`: the built kernel sensor, with strace and bpftrace to hold it against;
 * `builder-schema`: electron-builder's schema of its configuration, which takes a registry once.
 */
export type Capability =
  'engine' | 'debian-image' | 'root' | 'chromium' | 'kernel-sensor' | 'builder-schema';

const missingSchema = z.record(z.string(), z.string());

/**
 * What this run has not, with the reason. `npm test` tells by SENTRA_TEST_MISSING, as JSON; what
 * begins before the engine stands is told without one.
 */
function missing(): Record<string, string> {
  const prepared = process.env['SENTRA_TEST_MISSING'];
  const told = missingSchema.parse(JSON.parse(prepared ?? '{}'));
  if (findChromium() === undefined) told['chromium'] ??= 'there is no Chromium on this machine';
  if (prepared === undefined) {
    told['builder-schema'] = 'nothing was prepared: run it by npm test';
    told['root'] = 'nothing was prepared: run it by npm test';
  }
  if (process.env['SENTRA_TEST_ENGINE'] !== undefined) return told;
  const reason = 'SENTRA_TEST_ENGINE is not set: run it by npm test';
  return { engine: reason, 'debian-image': reason, 'kernel-sensor': reason, ...told };
}

/** The socket of the private engine. Only inside {@link describeWith} of `engine`. */
export function engineSocket(): string {
  const host = process.env['SENTRA_TEST_ENGINE'];
  if (host === undefined) throw new Error("No test engine: use describeWith(['engine'], …).");
  return host.replace(/^unix:\/\//, '');
}

/**
 * A group of tests that needs the capabilities. Where one is missing the group is skipped by name,
 * with the reason; with CI=true it fails instead, so that nothing goes untested unseen.
 */
export function describeWith(
  capabilities: readonly Capability[],
  name: string,
  tests: () => void,
): void {
  const lacking = missing();
  const reasons = capabilities
    .filter((capability) => capability in lacking)
    .map((capability) => `${capability}: ${lacking[capability] ?? ''}`);
  if (reasons.length === 0) {
    describe(name, tests);
  } else if (process.env['CI'] === 'true') {
    describe(name, () => {
      test('has what it needs', () => {
        throw new Error(`Missing in a run with CI=true: ${reasons.join('; ')}.`);
      });
    });
  } else {
    describe.skip(`${name} (skipped, ${reasons.join('; ')})`, tests);
  }
}

/** {@link describeWith} for tests that need the private engine alone. */
export function describeWithEngine(name: string, tests: () => void): void {
  describeWith(['engine'], name, tests);
}

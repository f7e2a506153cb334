import { existsSync, mkdirSync, chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { failed, ok, type Result } from '../../runtime/result.ts';

/**
 * Finds the receiver that `scripts/kernel-sensor.mjs` built, above the running code, and makes the
 * folder that it listens in, for root alone. Gives its path, or says what to do.
 */
export function findGvisorReceiver(
  folder: string,
  from: string = import.meta.dirname,
): Result<string, string> {
  if (process.getuid?.() !== 0) {
    return failed("Seeing gVisor's system calls needs root: start Sentra with sudo.");
  }
  for (let above = from; ; above = dirname(above)) {
    const program = join(above, 'dist', 'sensor', 'sentra-gvisor');
    if (existsSync(program)) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      chmodSync(folder, 0o700);
      return ok(program);
    }
    if (above === dirname(above)) break;
  }
  return failed("gVisor's receiver is not built: install clang and start Sentra again.");
}

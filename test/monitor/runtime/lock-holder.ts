import { takeLock } from '../../../monitor/runtime/lock.ts';

/** Started by lock.test.ts: takes the lock at the moment given, says how it went, and stays. */
const [path = '', startAt = '0'] = process.argv.slice(2);
const waitMs = Number(startAt) - Date.now();
setTimeout(
  () => {
    const lock = takeLock(path);
    process.stdout.write(lock.ok ? 'held\n' : `${lock.error.kind}\n`);
    if (lock.ok) setInterval(() => undefined, 1000);
  },
  Math.max(0, waitMs),
);

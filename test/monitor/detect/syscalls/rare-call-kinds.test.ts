import { describe, expect, it } from 'vitest';
import { classOfCall } from '../../../../monitor/detect/syscalls/call-class.ts';
import { isRareKind } from '../../../../monitor/detect/syscalls/rare-call-kinds.ts';
import { callNames } from '../../../../monitor/sensors/syscalls/call-names.ts';

const { native, compat } = callNames('x64');
const names = new Set(
  Array.from({ length: 500 }, (_, number) => [native(number), compat(number)]).flat(),
);

describe('kinds of call that hardly any program makes', () => {
  it('are few, and neither internal nor grave, which are judged in other ways', () => {
    const rare = [...names].filter(isRareKind);
    expect(rare.length).toBeGreaterThan(20);
    expect(rare.length).toBeLessThan(names.size / 10);
    expect(rare.filter((name) => classOfCall(name) !== 'outward')).toEqual([]);
  });

  it('are none that runtimes, browsers, databases or package managers make', () => {
    const made =
      'read openat execve clone3 statx copy_file_range sync_file_range memfd_create inotify_init1 ' +
      'io_uring_setup io_submit pidfd_open eventfd2 signalfd4 timerfd_create seccomp prctl capget ' +
      'pkey_alloc sendmmsg recvmmsg preadv pwritev mbind set_mempolicy splice landlock_add_rule';
    for (const name of made.split(' ')) {
      expect(names).toContain(name);
      expect(isRareKind(name)).toBe(false);
    }
  });
});

import type { ConnectionView } from '../../monitor/rpc/service/service.ts';
import { assertNever } from '../../monitor/runtime/assert-never.ts';
import type { MonitorState } from '../../preload/shell.ts';
import { guardNotice } from './notice.ts';
import type { Notice } from './notice.ts';

/**
 * What is to be told when the guard's own state changes: that it no longer guards, and that it does
 * again. One restart that succeeds at once is not told; the tray has shown it.
 */
export function guardNews(before: MonitorState, now: MonitorState): Notice | undefined {
  switch (now.state) {
    case 'stopped':
      return guardNotice(
        'Sentra does not watch any more',
        `${now.reason} ${now.advice}`,
        'critical',
      );
    case 'waiting':
      return before.state === 'waiting'
        ? undefined
        : guardNotice('Sentra watches nothing', `${now.reason} ${now.advice}`, 'critical');
    case 'restarting':
      return now.attempt === 2
        ? guardNotice(
            'Sentra’s monitor keeps ending',
            `It is started again. ${now.reason}`,
            'critical',
          )
        : undefined;
    case 'running':
      return before.state === 'waiting' || (before.state === 'restarting' && before.attempt > 1)
        ? guardNotice('Sentra watches again', 'Everything is seen from now on.', 'normal')
        : undefined;
    case 'starting':
      return undefined;
    default:
      return assertNever(now);
  }
}

/** The same for the connection to the engine. */
export function connectionNews(
  before: ConnectionView['state'],
  now: ConnectionView,
): Notice | undefined {
  switch (now.state) {
    case 'connected':
      return before === 'reconnecting'
        ? guardNotice('Docker answers again', 'Sentra watches again.', 'normal')
        : undefined;
    case 'reconnecting':
      return before === 'reconnecting'
        ? undefined
        : guardNotice(
            'Docker does not answer',
            `Nothing is seen until it does. ${now.error}`,
            'critical',
          );
    case 'none':
      return undefined;
    default:
      return assertNever(now);
  }
}

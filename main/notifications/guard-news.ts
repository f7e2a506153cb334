import type { ConnectionView } from '../../monitor/rpc/service/service.ts';
import { assertNever } from '../../monitor/runtime/assert-never.ts';
import type { MonitorState } from '../../preload/shell.ts';
import { guardNotice } from './notice.ts';
import type { Notice } from './notice.ts';

/** Tells what is news of the guard itself: of its monitor, and of that monitor's engine. */
export interface GuardVoice {
  onMonitor(now: MonitorState): void;
  /** How the monitor that runs stands with its engine: as it is found first, and at each change. */
  onConnection(now: ConnectionView): void;
}

/** A voice for monitors that follow one another, from this state on. */
export function createGuardVoice(first: MonitorState, tell: (notice: Notice) => void): GuardVoice {
  let monitor = first;
  /** What the person was last told of the engine, or would have been; `none` when that is void. */
  let connection: ConnectionView['state'] = 'none';
  return {
    onMonitor(now) {
      const news = guardNews(monitor, now);
      monitor = now;
      // Other news has taken the place of what was told of the engine, or the person began anew.
      if (news !== undefined || now.state === 'starting') connection = 'none';
      if (news !== undefined) tell(news);
    },
    onConnection(now) {
      const news = connectionNews(connection, now);
      connection = now.state;
      if (news !== undefined) tell(news);
    },
  };
}

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

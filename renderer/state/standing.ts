import type { HelpTopic } from '../../preload/shell.ts';
import type { ViewState } from './view-state.ts';

/** How things stand with what Sentra needs in order to watch; anything but `watching` is told. */
export type Standing =
  | { readonly state: 'loading' }
  | { readonly state: 'watching' }
  /** The monitor's process is not there; figures shown are those last known. */
  | { readonly state: 'monitor-starting' }
  | {
      readonly state: 'monitor-restarting';
      readonly reason: string;
      readonly attempt: number;
      readonly nextAt: number;
    }
  | { readonly state: 'monitor-stopped'; readonly reason: string; readonly advice: string }
  | { readonly state: 'engine-lost'; readonly since: number; readonly error: string }
  /** No engine answers, or none lets Sentra in; it is looked for again at `nextAt` where that is known. */
  | {
      readonly state: 'no-engine' | 'no-permission';
      readonly reason: string;
      readonly advice: string;
      readonly nextAt: number | undefined;
    }
  /** Another monitor of this person watches the engine. */
  | {
      readonly state: 'watched-elsewhere';
      readonly reason: string;
      readonly advice: string;
      readonly nextAt: number;
    }
  | { readonly state: 'unreadable'; readonly message: string };

/** What a person must know first, the worst of it. */
export function standingOf({
  shell,
  monitor,
  failure,
}: Pick<ViewState, 'shell' | 'monitor' | 'failure'>): Standing {
  if (shell === undefined) {
    return failure === undefined ? { state: 'loading' } : { state: 'unreadable', message: failure };
  }
  switch (shell.monitor.state) {
    case 'starting':
      return monitor === undefined ? { state: 'loading' } : { state: 'monitor-starting' };
    case 'restarting':
      return { ...shell.monitor, state: 'monitor-restarting' };
    case 'waiting':
      return shell.monitor.cause === 'already-running'
        ? { ...shell.monitor, state: 'watched-elsewhere' }
        : { ...shell.monitor, state: shell.monitor.cause };
    case 'stopped':
      return { ...shell.monitor, state: 'monitor-stopped' };
    case 'running':
      break;
  }
  if (monitor === undefined) {
    return failure === undefined ? { state: 'loading' } : { state: 'unreadable', message: failure };
  }
  switch (monitor.connection.state) {
    case 'connected':
      return { state: 'watching' };
    case 'reconnecting':
      return { ...monitor.connection, state: 'engine-lost' };
    case 'none':
      return {
        state: 'no-engine',
        reason: 'No Docker engine answers on this machine.',
        advice: 'Install or start Docker.',
        nextAt: undefined,
      };
  }
}

/** Whether what is not in the list of containers is not watched; before an engine answered nobody knows. */
export function knowsContainers({ monitor }: Pick<ViewState, 'monitor'>): boolean {
  return monitor !== undefined && monitor.connection.state !== 'none';
}

/** The page of help that fits what went wrong with the engine, as far as its words tell. */
export function helpFor(reason: string): HelpTopic {
  if (/permission|EACCES|denied/i.test(reason)) return 'docker-permission';
  if (/not found|ENOENT|no engine|no docker|not installed/i.test(reason)) return 'install-docker';
  return 'start-docker';
}

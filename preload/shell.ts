import type { MonitorEvent } from '../monitor/rpc/service/service.ts';
import type { Moment } from '../monitor/model/time.ts';
import type { ContainerId } from '../monitor/model/workload.ts';

/** Whether the monitor's process runs. `reason` and `advice` are sentences for a person. */
export type MonitorState =
  | { readonly state: 'starting'; readonly since: Moment }
  /** With `attachedTo` it is another one of this person, in that process, which was there before. */
  | { readonly state: 'running'; readonly since: Moment; readonly attachedTo?: number }
  /** It ended, and is started again at `nextAt`; `attempt` counts from 1. */
  | {
      readonly state: 'restarting';
      readonly since: Moment;
      readonly reason: string;
      readonly attempt: number;
      readonly nextAt: Moment;
    }
  /**
   * There is nothing to be watched, or the engine lets nobody in, or another monitor of this person
   * watches it; it is looked for again at `nextAt`.
   */
  | {
      readonly state: 'waiting';
      readonly cause: 'no-engine' | 'no-permission' | 'already-running';
      readonly since: Moment;
      readonly reason: string;
      readonly advice: string;
      readonly nextAt: Moment;
    }
  /** It ended too often, or cannot start: nothing is watched until a person starts it again. */
  | {
      readonly state: 'stopped';
      readonly since: Moment;
      readonly reason: string;
      readonly advice: string;
    };

export const appearances = ['system', 'light', 'dark'] as const;

/** Which colours the window has; `system` follows the desktop. */
export type Appearance = (typeof appearances)[number];

/** Whether Sentra starts when the person logs in. */
export type LoginItem =
  | { readonly state: 'on' }
  | { readonly state: 'off' }
  /** This desktop or this way of installing cannot; the reason is a sentence. */
  | { readonly state: 'unavailable'; readonly reason: string };

/** Whether there is a place for a tray icon. Without one, closing the window ends Sentra. */
export type TrayHost = 'present' | 'absent' | 'unknown';

/** What the shell says of itself. */
export interface ShellState {
  /** The version. */
  readonly program: string;
  readonly platform: 'linux' | 'darwin' | 'win32';
  readonly monitor: MonitorState;
  /** The monitor watches the embedded simulator, because a person asked for a demonstration. */
  readonly demonstration: boolean;
  /** Which engine a person chose to have watched; undefined: the one that is found by itself. */
  readonly engine: string | undefined;
  readonly appearance: Appearance;
  readonly loginItem: LoginItem;
  readonly trayHost: TrayHost;
  /** A day has been watched, and nobody has looked back on it yet. */
  readonly lookBackDue: boolean;
  /** The first day is under way: the look back will be offered. */
  readonly lookBackAwaited: boolean;
}

/** What a window that begins to listen is answered. */
export interface Opening {
  readonly shell: ShellState;
  /** With `follows` the next event is a snapshot; with `none` nothing is known of a monitor yet. */
  readonly snapshot: 'follows' | 'none';
}

export const helpTopics = [
  'install-docker',
  'docker-permission',
  'start-docker',
  'mitre-attack',
] as const;

/** A page outside Sentra that may be opened in the person's browser. */
export type HelpTopic = (typeof helpTopics)[number];

/** What asks before it is done: what cannot be undone, and what gives freedom back. */
export type ConfirmedAction = 'kill' | 'resume' | 'release';

/** Where the shell wants the window to go, for example after a click on a notification. */
export type Place =
  | { readonly screen: 'overview' }
  | { readonly screen: 'guide' }
  | { readonly screen: 'finding'; readonly finding: string }
  | { readonly screen: 'container'; readonly container: ContainerId }
  /** With `asks`: whether every rule shall only observe. */
  | { readonly screen: 'policy'; readonly asks?: 'observe' }
  /** With `asks`: whether the lock down shall be lifted. */
  | {
      readonly screen: 'egress';
      readonly asks?: 'lift' | undefined;
      readonly container?: ContainerId | undefined;
    }
  /** Show the container and ask whether this is to be done to it. */
  | {
      readonly screen: 'confirm';
      readonly action: ConfirmedAction;
      readonly container: ContainerId;
    };

/**
 * What the window is told once it has subscribed. `sequence` grows by one each time; a gap means
 * that something was lost: ask for the snapshot again.
 */
export type ShellEvent = { readonly sequence: number } & (
  | { readonly kind: 'monitor'; readonly event: MonitorEvent }
  /**
   * What is known at the moment a window begins to listen: it need not ask. JSON of a snapshot: on
   * its way to the page an object is copied member by member, and a text at once.
   */
  | { readonly kind: 'snapshot'; readonly text: string }
  /** So many events of the monitor did not reach the shell. */
  | { readonly kind: 'lost'; readonly count: number }
  /** After each change to `running`, everything may have changed: ask for the snapshot again. */
  | { readonly kind: 'shell'; readonly shell: ShellState }
  | { readonly kind: 'navigate'; readonly place: Place }
);

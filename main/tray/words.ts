import type { HeldRequest } from '../../monitor/model/held.ts';
import { assertNever } from '../../monitor/runtime/assert-never.ts';
import { plainText } from '../../monitor/runtime/plain-text.ts';
import type { WorkloadView } from '../../monitor/rpc/service/service.ts';
import type { MonitorState } from '../../preload/shell.ts';
import type { Picture } from '../picture/picture.ts';
import { hasLooseFinding, isBlind, moodOf } from './mood.ts';

/** The longest name in a menu or a notification, in characters. */
const nameLimit = 40;

/** A container's name fit for menus and notifications: it is text from outside. */
export function shownName(name: string): string {
  return plainText(name, nameLimit);
}

/** `1 container`, `3 containers`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

const whyWaiting = {
  'no-engine': 'No Docker engine answers: nothing is watched.',
  'no-permission': 'Docker does not let Sentra in: nothing is watched.',
  'already-running': 'Another monitor of yours watches this engine.',
} as const;

/** The state of the watch in one sentence, for the tooltip and the head of the menu. */
export function statusSentence(monitor: MonitorState, picture: Picture | undefined): string {
  switch (monitor.state) {
    case 'starting':
      return 'Sentra is starting.';
    case 'restarting':
      return 'NOT WATCHING: the monitor ended and is being started again.';
    case 'waiting':
      return whyWaiting[monitor.cause];
    case 'stopped':
      return 'NOT WATCHING: the monitor has stopped.';
    case 'running':
  }
  if (picture === undefined) return 'Sentra is starting.';
  const isLocked = picture.standing.lockdown !== undefined;
  const sentence = `${isLocked ? 'LOCKED DOWN, all egress is cut. ' : ''}${watchSentence(monitor, picture)}`;
  const waiting = waitingOf(picture.standing.held).length;
  const asks = waiting === 0 ? '' : `; ${countOf(waiting, 'connection')} held for your answer`;
  return `${picture.simulated ? 'SIMULATED: ' : ''}${sentence}${asks}`;
}

/** What is held and waits for an answer, the latest first. */
export function waitingOf(held: readonly HeldRequest[] | undefined): readonly HeldRequest[] {
  return held?.filter(({ state }) => state.kind === 'waiting') ?? [];
}

function watchSentence(monitor: MonitorState, picture: Picture): string {
  const views = [...picture.workloads.values()];
  const mood = moodOf(monitor, picture);
  const watched = `Watching ${countOf(views.length, 'container')}`;
  const count = (test: (view: WorkloadView) => boolean): number => views.filter(test).length;
  switch (mood) {
    case 'not-watching':
      return 'NOT WATCHING.';
    case 'no-engine':
      return picture.connection.state === 'none'
        ? 'No Docker engine: nothing is watched.'
        : 'NOT CONNECTED to Docker: nothing is seen until it answers again.';
    case 'finding':
      return `${watched}, ${count(hasLooseFinding)} not normal`;
    case 'contained': {
      const held = count(({ containment }) => containment !== undefined);
      return held === 0 ? watched : `${watched}, ${held} contained`;
    }
    case 'blind':
      return `${watched}, blind on ${count(isBlind)}`;
    case 'learning':
      return `${watched}, learning ${count(({ learning }) => learning.state === 'learning')}`;
    case 'calm':
      return `${watched}, all normal`;
    default:
      return assertNever(mood);
  }
}

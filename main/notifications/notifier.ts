import type { Notification as NotificationType } from 'electron';
import type { HeldQuestion } from '../../monitor/model/held.ts';
import type { ContainerId } from '../../monitor/model/workload.ts';
import type { MonitorEvent } from '../../monitor/rpc/service/service.ts';
import type { Clock } from '../../monitor/runtime/clock.ts';
import type { ElectronApi } from '../electron.ts';
import type { Picture } from '../picture/picture.ts';
import { createHeldNotices } from './held-notices.ts';
import { newsOf, pieceOf } from './news.ts';
import type { Piece } from './news.ts';
import { containerNotice, manyNotice } from './notice.ts';
import type { Notice, NoticeDeed } from './notice.ts';

/** How notifications are held together and apart, in milliseconds. */
export const pace = {
  /** What happens to one container within this time is told at once. */
  gatherMs: 800,
  /** The shortest time from one notification of a container to its next. */
  restMs: 15_000,
  /** Of single containers at most `most` in `windowMs`; the others are told as a number. */
  windowMs: 60_000,
  most: 5,
  /** How long a notification is held on to when nobody closes it. */
  keepMs: 24 * 3600 * 1000,
} as const;

/** Of one container not more is gathered than this; the latest counts. */
const piecesLimit = 50;

interface Gathered {
  pieces: readonly Piece[];
  readonly isUrgent: boolean;
  readonly timer: NodeJS.Timeout;
}

/** Tells the person what the monitor tells. */
export interface Notifier {
  onEvent(event: MonitorEvent, picture: Picture): void;
  /** Shows a notice that stands for itself; `key` holds it together with earlier ones of its kind. */
  tell(key: string, notice: Notice): void;
  /** Takes everything away, and tells nothing more. */
  stop(): void;
}

/** What a notifier needs. */
export interface NotifierOptions {
  readonly electron: ElectronApi;
  readonly platform: NodeJS.Platform;
  readonly clock: Pick<Clock, 'monotonic' | 'now'>;
  /** All that the monitor knows about what is held; undefined where it cannot be had. */
  readonly askAbout: (held: string) => Promise<HeldQuestion | undefined>;
  readonly onDeed: (deed: NoticeDeed) => void;
}

/**
 * A notification for each container that has news: gathered for `pace.gatherMs`, the next finding not before
 * `pace.restMs`, and beyond `pace.most` a minute only a number, shown for each at most once a minute.
 * Nothing is lost by it: the list of findings in the window has everything.
 */
export function createNotifier(options: NotifierOptions): Notifier {
  const { electron, platform, clock, askAbout, onDeed } = options;
  const gathered = new Map<ContainerId, Gathered>();
  const restingUntil = new Map<ContainerId, number>();
  /** When single containers were told of, oldest first. */
  const told: number[] = [];
  /** Containers that were told as a number alone, with when. */
  const untold = new Map<ContainerId, number>();
  /** Electron forgets a notification that nobody holds, and its clicks with it. */
  const live = new Map<string, { notification: NotificationType; timer: NodeJS.Timeout }>();
  let stopped = false;

  function forget(key: string, notification: NotificationType): void {
    const entry = live.get(key);
    if (entry?.notification !== notification) return;
    clearTimeout(entry.timer);
    live.delete(key);
  }

  function show(key: string, notice: Notice): void {
    if (stopped || !electron.Notification.isSupported()) return;
    const earlier = live.get(key);
    const notification = new electron.Notification({
      title: notice.title,
      body: fit(notice.body, platform),
      urgency: notice.urgency,
      actions: notice.buttons.map(({ label }) => ({ type: 'button', text: label })),
    });
    const timer = setTimeout(() => forget(key, notification), pace.keepMs);
    timer.unref();
    live.set(key, { notification, timer });
    if (earlier !== undefined) {
      clearTimeout(earlier.timer);
      earlier.notification.close();
    }
    notification.on('click', () => {
      forget(key, notification);
      onDeed({ kind: 'open', place: notice.place });
    });
    notification.on('action', (details) => {
      forget(key, notification);
      const button = notice.buttons[details.actionIndex];
      if (button !== undefined) onDeed(button.deed);
    });
    // Closing one decides nothing: the finding stays where it is.
    notification.on('close', () => forget(key, notification));
    notification.on('failed', () => forget(key, notification));
    notification.show();
  }

  function isOverTheTop(now: number): boolean {
    while (told[0] !== undefined && told[0] <= now - pace.windowMs) told.shift();
    if (told.length === 0) untold.clear();
    return told.length >= pace.most;
  }

  function deliver(container: ContainerId, picture: Picture): void {
    const entry = gathered.get(container);
    gathered.delete(container);
    if (entry === undefined) return;
    const now = clock.monotonic();
    if (isOverTheTop(now)) {
      // Counted just now: the same number once more says nothing.
      if ((untold.get(container) ?? -Infinity) > now - pace.windowMs) return;
      untold.set(container, now);
      show('many', manyNotice(untold.size));
      return;
    }
    told.push(now);
    for (const [each, until] of restingUntil) if (until <= now) restingUntil.delete(each);
    restingUntil.set(container, now + pace.restMs);
    show(`container ${container}`, containerNotice(newsOf(entry.pieces, container, picture)));
  }

  const heldNotices = createHeldNotices(show, clock, askAbout);

  return {
    onEvent(event, picture) {
      if (event.kind === 'held') {
        if (!stopped) heldNotices.onHeld(event.held);
        return;
      }
      const piece = stopped ? undefined : pieceOf(event, picture);
      if (piece === undefined) return;
      const { container } = piece;
      const entry = gathered.get(container);
      const pieces = [...(entry?.pieces ?? []), piece].slice(-piecesLimit);
      // What was done is told without rest: it takes the place of what was told before.
      const isUrgent = pieces.some(({ action }) => action !== undefined);
      if (entry !== undefined && (entry.isUrgent || !isUrgent)) {
        entry.pieces = pieces;
        return;
      }
      clearTimeout(entry?.timer);
      const rest = (restingUntil.get(container) ?? 0) - clock.monotonic();
      const waitMs = isUrgent ? pace.gatherMs : Math.max(pace.gatherMs, rest);
      const timer = setTimeout(() => deliver(container, picture), waitMs);
      gathered.set(container, { pieces, isUrgent, timer });
    },
    tell: show,
    stop() {
      stopped = true;
      heldNotices.stop();
      for (const { timer } of gathered.values()) clearTimeout(timer);
      gathered.clear();
      for (const { notification, timer } of live.values()) {
        clearTimeout(timer);
        notification.close();
      }
      live.clear();
    },
  };
}

/** Servers on Linux may read the body as markup: there its marks are written out. */
function fit(text: string, platform: NodeJS.Platform): string {
  if (platform !== 'linux') return text;
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

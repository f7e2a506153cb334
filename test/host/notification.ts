import { EventEmitter } from 'node:events';
import type { Notification, NotificationConstructorOptions } from 'electron';
import { strict } from './strict.ts';

/** A notification as a person sees it. */
export interface RecordedNotification {
  readonly title: string;
  readonly body: string;
  readonly urgency: string;
  readonly buttons: readonly string[];
  isShown(): boolean;
  /** What a person can do to it. It is gone then. */
  click(): void;
  press(button: string): void;
  dismiss(): void;
}

/** The stand-in's `Notification`, and all that were ever shown, the latest last. */
export function createHostNotification(isReady: () => boolean): {
  readonly Notification: typeof Notification;
  readonly notifications: readonly RecordedNotification[];
} {
  const notifications: HostNotification[] = [];

  class HostNotification extends EventEmitter implements RecordedNotification {
    readonly title: string;
    readonly body: string;
    readonly urgency: string;
    readonly buttons: readonly string[];
    readonly actions: NonNullable<NotificationConstructorOptions['actions']>;
    private shown = false;

    constructor(options: NotificationConstructorOptions = {}) {
      super();
      if (!isReady()) throw new Error('Cannot create Notification before app is ready');
      this.title = options.title ?? '';
      this.body = options.body ?? '';
      this.urgency = options.urgency ?? 'normal';
      this.actions = options.actions ?? [];
      this.buttons = this.actions.map(({ text }) => text ?? '');
      return strict('Notification', this);
    }

    static isSupported(): boolean {
      return true;
    }

    show(): void {
      if (!this.shown) notifications.push(this);
      this.shown = true;
      setImmediate(() => this.emit('show', {}));
    }

    close(): void {
      this.dismiss();
    }

    isShown(): boolean {
      return this.shown;
    }

    click(): void {
      if (this.shown) this.emit('click', {});
      this.shown = false;
    }

    press(button: string): void {
      const actionIndex = this.buttons.indexOf(button);
      if (actionIndex < 0) throw new Error(`No button "${button}": ${this.buttons.join(', ')}`);
      if (this.shown) this.emit('action', { actionIndex, selectionIndex: -1 }, actionIndex, -1);
      this.shown = false;
    }

    dismiss(): void {
      if (!this.shown) return;
      this.shown = false;
      setImmediate(() => this.emit('close', {}));
    }
  }

  return {
    Notification: strict('Notification', HostNotification) as unknown as typeof Notification,
    notifications,
  };
}

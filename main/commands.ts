import type { ActRequest } from '../monitor/rpc/service/service.ts';
import type { MonitorClient } from '../monitor/rpc/client.ts';
import { assertNever } from '../monitor/runtime/assert-never.ts';
import type { Place } from '../preload/shell.ts';
import { guardNotice } from './notifications/notice.ts';
import type { NoticeDeed } from './notifications/notice.ts';
import type { Notifier } from './notifications/notifier.ts';
import type { Picture } from './picture/picture.ts';
import { nameOf } from './picture/picture.ts';
import { canBeFrozen } from './tray/menu.ts';
import type { TrayCommand } from './tray/menu.ts';
import { countOf, shownName } from './tray/words.ts';

/** What is done on a click in the tray or on a notification. */
export interface Commands {
  readonly tray: (command: TrayCommand) => void;
  readonly notice: (deed: NoticeDeed) => void;
}

/** What the commands reach. */
export interface CommandReach {
  readonly client: () => MonitorClient | undefined;
  readonly picture: () => Picture | undefined;
  readonly open: (place: Place) => void;
  readonly notifier: Pick<Notifier, 'tell'>;
  readonly restartMonitor: () => void;
  readonly quit: () => void;
}

/** How many containers are frozen at once by *Freeze all*: the monitor takes 32 calls at a time. */
const atOnce = 8;

/**
 * Carries out what tray and notifications ask for. Only what tightens is done from here; what
 * cannot be undone, and what gives freedom back, is a place in the window that asks first.
 */
export function createCommands(reach: CommandReach): Commands {
  async function act(request: ActRequest): Promise<void> {
    const client = reach.client();
    const picture = reach.picture();
    const name = shownName(picture === undefined ? '' : nameOf(picture, request.target));
    const tell = (title: string, body: string, urgency: 'normal' | 'critical'): void =>
      reach.notifier.tell(`act ${request.target}`, guardNotice(title, body, urgency));
    if (client === undefined) {
      tell(`${name}: nothing was done`, 'No monitor is running.', 'critical');
      return;
    }
    const answer = await client.act(request);
    if (!answer.ok) {
      tell(`${name}: nothing was done`, answer.error.message, 'critical');
      return;
    }
    // What did not fully succeed is told as an event already (news.ts).
    const { outcome } = answer.value;
    if (outcome.state === 'proved') tell(`${name}: done`, outcome.proof, 'normal');
  }

  async function freezeAll(): Promise<void> {
    const views = [...(reach.picture()?.workloads.values() ?? [])].filter(canBeFrozen);
    const targets = views.map(({ workload }) => workload.container);
    const takeNext = async (): Promise<void> => {
      for (let target = targets.shift(); target !== undefined; target = targets.shift()) {
        await act({ name: 'pause', target });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, takeNext));
  }

  async function lockDown(): Promise<void> {
    const answer = await reach.client()?.egressLockdown({ from: 'tray' });
    const tell = (title: string, body: string, urgency: 'normal' | 'critical'): void =>
      reach.notifier.tell('lockdown', guardNotice(title, body, urgency));
    if (answer === undefined) tell('Nothing was cut off', 'No monitor is running.', 'critical');
    else if (!answer.ok) tell('Nothing was cut off', answer.error.message, 'critical');
    else {
      const { closed, notClosed, warning } = answer.value;
      const [first] = notClosed;
      if (first === undefined) {
        const words = `${countOf(closed, 'container')} cut off. ${warning ?? ''}`.trim();
        tell('Locked down', words, warning === undefined ? 'normal' : 'critical');
        return;
      }
      const names = notClosed.slice(0, 3).map(({ name }) => shownName(name));
      tell(
        `Locked down, but not ${countOf(notClosed.length, 'container')}`,
        `${names.join(', ')}: ${first.reason}`,
        'critical',
      );
    }
  }

  /** What was answered meanwhile, or is over, needs no word. */
  async function refuseHeld(requests: readonly string[]): Promise<void> {
    const client = reach.client();
    for (const id of requests) await client?.egressHeldRefuse({ id, from: 'tray' });
  }

  async function enforceAll(): Promise<void> {
    const answer = await reach.client()?.setRuleMode({ mode: 'enforce' });
    const tell = (title: string, body: string, urgency: 'normal' | 'critical'): void =>
      reach.notifier.tell('mode', guardNotice(title, body, urgency));
    if (answer === undefined) tell('Nothing was changed', 'No monitor is running.', 'critical');
    else if (!answer.ok) tell('Nothing was changed', answer.error.message, 'critical');
    else tell('Sentra enforces', 'Every rule now does what it says.', 'normal');
  }

  return {
    tray(command) {
      switch (command.kind) {
        case 'act':
          void act({ name: command.name, target: command.container });
          return;
        case 'freeze-all':
          void freezeAll();
          return;
        case 'lock-down':
          void lockDown();
          return;
        case 'enforce-all':
          void enforceAll();
          return;
        case 'open':
          reach.open(command.place);
          return;
        case 'restart-monitor':
          reach.restartMonitor();
          return;
        case 'quit':
          reach.quit();
          return;
        default:
          assertNever(command);
      }
    },
    notice(deed) {
      switch (deed.kind) {
        case 'freeze':
          void act({ name: 'pause', target: deed.container });
          return;
        case 'refuse-held':
          void refuseHeld(deed.requests);
          return;
        case 'open':
          reach.open(deed.place);
          return;
        default:
          assertNever(deed);
      }
    },
  };
}

import type { ActionOutcome } from '../monitor/model/action.ts';
import type { ActRequest } from '../monitor/rpc/service/service.ts';
import type { MonitorClient } from '../monitor/rpc/client.ts';
import { assertNever } from '../monitor/runtime/assert-never.ts';
import { failed, ok } from '../monitor/runtime/result.ts';
import type { Result } from '../monitor/runtime/result.ts';
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
  /** What came of it, or a sentence that says why nothing did. */
  async function ask(request: ActRequest): Promise<Result<ActionOutcome, string>> {
    const answer = await reach.client()?.act(request);
    if (answer === undefined) return failed('No monitor is running.');
    return answer.ok ? ok(answer.value.outcome) : failed(answer.error.message);
  }

  async function act(request: ActRequest, known?: string): Promise<void> {
    const picture = reach.picture();
    const { target } = request;
    // While no monitor runs nobody else knows its name.
    const found = picture === undefined ? target.slice(0, 12) : nameOf(picture, target);
    const name = shownName(known ?? found);
    const tell = (title: string, body: string, urgency: 'normal' | 'critical'): void =>
      reach.notifier.tell(`act ${target}`, guardNotice(title, body, urgency));
    const answer = await ask(request);
    if (!answer.ok) tell(`${name}: nothing was done`, answer.error, 'critical');
    // What did not fully succeed is told as an event already (news.ts).
    else if (answer.value.state === 'proved') tell(`${name}: done`, answer.value.proof, 'normal');
  }

  /** One notification for all: one for each would bury those about what could not be frozen. */
  async function freezeAll(): Promise<void> {
    const tell = (title: string, body: string, urgency: 'normal' | 'critical'): void =>
      reach.notifier.tell('freeze-all', guardNotice(title, body, urgency));
    const picture = reach.picture();
    if (picture === undefined) {
      tell('Nothing was frozen', 'No monitor is running.', 'critical');
      return;
    }
    const waiting = [...picture.workloads.values()].filter(canBeFrozen);
    const all = waiting.length;
    const loose: { readonly name: string; readonly reason: string }[] = [];
    const takeNext = async (): Promise<void> => {
      for (let view = waiting.shift(); view !== undefined; view = waiting.shift()) {
        const answer = await ask({ name: 'pause', target: view.workload.container });
        const reason = answer.ok ? whyLoose(answer.value) : answer.error;
        if (reason !== undefined) loose.push({ name: shownName(view.workload.name), reason });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, takeNext));
    const [first] = loose;
    if (all === 0) return;
    if (first === undefined) {
      tell(`${countOf(all, 'container')} frozen`, 'Read back from the engine.', 'normal');
      return;
    }
    const names = loose.slice(0, 3).map(({ name }) => name);
    tell(
      `${all - loose.length} of ${countOf(all, 'container')} frozen`,
      `${names.join(', ')}${loose.length > 3 ? ' and others' : ''}: ${first.reason}`,
      'critical',
    );
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
          void act({ name: 'pause', target: deed.container }, deed.name);
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

/** Why a freeze is none, or not wholly; undefined when it was proved. */
function whyLoose(outcome: ActionOutcome): string | undefined {
  switch (outcome.state) {
    case 'proved':
      return undefined;
    case 'partly':
      return `frozen in part; this cannot be held: ${outcome.holes.join('; ')}.`;
    case 'refused':
    case 'failed':
      return outcome.reason;
    case 'started':
    case 'would-have':
      return 'it is not known to be frozen.';
    default:
      return assertNever(outcome);
  }
}

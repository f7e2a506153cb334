import type {
  DisarmItem,
  DisarmList,
  DisarmReport,
  DisarmedItem,
} from '../../monitor/rpc/service/service-disarm.ts';
import { failed, ok } from '../../monitor/runtime/result.ts';
import type { Result } from '../../monitor/runtime/result.ts';
import type { LoginItemSwitch } from '../login-item/login-item.ts';
import type { Supervisor } from './supervisor.ts';

/** Takes Sentra's hands off everything, by the monitor that runs. Failures are sentences. */
export interface HandsOff {
  list(): Promise<Result<DisarmList, string>>;
  disarm(): Promise<Result<DisarmReport, string>>;
}

/** What it goes through. */
export interface HandsOffParts {
  readonly supervisor: Pick<Supervisor, 'client' | 'rest'>;
  readonly loginItem: LoginItemSwitch;
  /** The login item may be another. */
  readonly onDone: () => void;
}

const nobody = failed(
  'No monitor runs that could do it. Without one it goes in a terminal: sentra disarm',
);

const unsure = 'What became of taking Sentra’s hands off is not known, and nothing is watched.';
const startAgain =
  'Start watching again when you want it back: lists and policy are kept, and hold again then.';

const sessionStart: DisarmItem = {
  kind: 'login-item',
  container: undefined,
  name: undefined,
  words: 'what starts Sentra when you log in',
};

/**
 * The monitor does it, whether the shell has started it or not, and is then stopped: another one is not
 * begun before a person asks for it, or it would put everything up again.
 */
export function createHandsOff({ supervisor, loginItem, onDone }: HandsOffParts): HandsOff {
  const isOn = (): boolean => loginItem.read().state === 'on';

  function removeLoginItem(): readonly DisarmedItem[] {
    if (!isOn()) return [];
    const set = loginItem.set(false);
    if (!set.ok) return [{ ...sessionStart, failure: set.error, proof: '' }];
    const failure = isOn() ? 'The system says that it is on still.' : undefined;
    return [{ ...sessionStart, failure, proof: failure === undefined ? 'It is removed.' : '' }];
  }

  return {
    async list() {
      const client = supervisor.client();
      if (client === undefined) return nobody;
      const list = await client.disarmList();
      if (!list.ok) return failed(list.error.message);
      const { items, unseen } = list.value;
      return ok({ items: [...items, ...(isOn() ? [sessionStart] : [])], unseen });
    },
    async disarm() {
      const client = supervisor.client();
      if (client === undefined) return nobody;
      const report = await client.disarm();
      if (!report.ok) {
        const { kind, message } = report.error;
        if (kind === 'unknown-method' || kind === 'busy') return failed(message);
        // It may watch no more, and would only seem to.
        void supervisor.rest(unsure, startAgain);
        return failed(`${message} ${unsure} To look once more, in a terminal: sentra disarm`);
      }
      const removed = removeLoginItem();
      // Not waited for: the window is to be told at once, and the monitor does nothing any more.
      void supervisor.rest('Sentra’s hands are off everything, as you asked.', startAgain);
      onDone();
      return ok({ ...report.value, items: [...report.value.items, ...removed] });
    },
  };
}

import type { MonitorSnapshot } from '../../monitor/rpc/service/service.ts';
import { failed, ok } from '../../monitor/runtime/result.ts';
import type { ShellChannel } from '../../preload/channels.ts';
import type { Appearance, ShellState } from '../../preload/shell.ts';
import type { ElectronApi } from '../electron.ts';
import type { LoginItemSwitch } from '../login-item/login-item.ts';
import type { HandsOff } from '../supervisor/hands-off.ts';
import { helpPages } from '../security/help-pages.ts';
import type { MainWindow } from '../windows/main-window.ts';
import type { Handlers } from './door.ts';

/** What the shell's own channels reach. */
export interface ShellReach {
  readonly electron: Pick<ElectronApi, 'shell'>;
  readonly window: MainWindow;
  readonly loginItem: LoginItemSwitch;
  readonly state: () => ShellState;
  /** What is known of the monitor that runs; undefined before it has said anything. */
  readonly known: () => MonitorSnapshot | undefined;
  readonly restartMonitor: () => void;
  readonly demonstrate: (on: boolean) => void;
  /** Resolves with why not, a sentence, and then nothing is changed. */
  readonly setEngine: (endpoint: string | null) => Promise<string | undefined>;
  readonly lookedBack: () => void;
  readonly setAppearance: (appearance: Appearance) => void;
  readonly handsOff: HandsOff;
}

/** The handlers of what the shell does itself. */
export function shellHandlers(reach: ShellReach): Pick<Handlers, ShellChannel> {
  const { electron, window, loginItem, state } = reach;
  return {
    subscribe(_params, sender) {
      const snapshot = reach.known();
      window.subscribe(sender, snapshot);
      return ok({ shell: state(), snapshot: snapshot === undefined ? 'none' : 'follows' });
    },
    unsubscribe(_params, sender) {
      window.unsubscribe(sender);
      return ok(null);
    },
    shellState: () => ok(state()),
    restartMonitor() {
      reach.restartMonitor();
      return ok(state());
    },
    demonstrate({ on }) {
      reach.demonstrate(on);
      return ok(state());
    },
    async setEngine({ endpoint }) {
      const refusal = await reach.setEngine(endpoint);
      if (refusal === undefined) return ok(state());
      return failed({ kind: 'shell-failed', message: refusal });
    },
    lookedBack() {
      reach.lookedBack();
      return ok(state());
    },
    setAppearance({ appearance }) {
      reach.setAppearance(appearance);
      return ok(state());
    },
    setLoginItem({ on }) {
      const set = loginItem.set(on);
      return set.ok ? set : failed({ kind: 'shell-failed', message: set.error });
    },
    async disarmList() {
      const list = await reach.handsOff.list();
      return list.ok ? list : failed({ kind: 'shell-failed', message: list.error });
    },
    async disarm() {
      const report = await reach.handsOff.disarm();
      return report.ok ? report : failed({ kind: 'shell-failed', message: report.error });
    },
    async openHelp({ topic }) {
      await electron.shell.openExternal(helpPages[topic]);
      return ok(null);
    },
    closeWindow() {
      window.close();
      return ok(null);
    },
  };
}

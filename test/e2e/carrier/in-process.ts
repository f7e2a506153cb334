import { findItem } from '../../host/menu.ts';
import { startDesktop } from '../desktop.ts';
import type { Carrier, CarrierOptions } from './carrier.ts';

/** How long Sentra may take to stop, in milliseconds. */
const patienceMs = 8000;

/** Starts Sentra on the stand-in in this process. */
export function startInProcess({ engine, folder }: CarrierOptions): Promise<Carrier> {
  const options = { folder, monitor: { engine } };
  const desktop = startDesktop(options);
  const notification = (index: number) => {
    const found = desktop.notifications[index];
    if (found === undefined) throw new Error(`There was no notification ${index}.`);
    return found;
  };
  const choose = (...labels: string[]): void =>
    findItem(desktop.trays[0]?.menu ?? [], ...labels).click();

  return Promise.resolve({
    seenOn: 'the stand-in for Electron, in the process of the test; not on Electron itself',
    openPage: () => desktop.openPage(),
    look: () =>
      Promise.resolve({
        // As they are now: what is told later is not to appear in it.
        trays: desktop.trays.map(({ icon, tooltip, menu }) => ({ icon, tooltip, menu })),
        notifications: [...desktop.notifications],
        windows: desktop.windows.map((window) => ({ isVisible: window.isVisible() })),
        opened: [...desktop.opened],
        children: desktop.electron.app.getAppMetrics().map(({ pid, name }) => ({ pid, name })),
      }),
    choose: (...labels) => next(() => choose(...labels)),
    clickNotification: (index) => next(() => notification(index).click()),
    press: (index, button) => next(() => notification(index).press(button)),
    closeWindow: () => next(() => desktop.windows[0]?.closeByPerson()),
    power: (event) => next(() => desktop.power(event)),
    async startAgain() {
      const second = startDesktop({ ...options, isSecond: true });
      const code = await second.app.ended;
      await second.close();
      desktop.app.startSecond([]);
      return code;
    },
    output: () => desktop.log.join(''),
    async quit() {
      choose('Quit Sentra');
      const patience = new Promise<never>((_resolve, reject) =>
        setTimeout(() => reject(new Error('Sentra did not end.')), patienceMs).unref(),
      );
      return Promise.race([desktop.app.ended, patience]);
    },
    end: () => desktop.end(),
  });
}

/** In a turn of its own, as from another process; what it throws is a rejection. */
function next(act: () => void): Promise<void> {
  return Promise.resolve().then(act);
}

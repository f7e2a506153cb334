import type { ReactElement } from 'react';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { useStore, useView } from '../state/use-store.ts';
import styles from './shortcut-list.module.css';
import { shortcuts } from './shortcuts.ts';

/** Every shortcut there is. */
export function ShortcutList(): ReactElement {
  const store = useStore();
  const mac = useView((state) => state.shell?.platform === 'darwin');
  const staysInTray = useView((state) => state.shell?.trayHost === 'present');
  const close = () => store.send({ kind: 'shortcuts', open: false });
  return (
    <Dialog title="Keyboard shortcuts" onClose={close}>
      <div className={styles.groups}>
        {shortcuts(staysInTray).map(({ where, keys }) => (
          <section key={where}>
            <h3>{where}</h3>
            <dl className={styles.keys}>
              {keys.map((shortcut) => (
                <div key={shortcut.does}>
                  <dt>
                    {shortcut.keys.map((key) => (
                      <kbd key={key}>{mac && key === 'Ctrl' ? '⌘' : key}</kbd>
                    ))}
                  </dt>
                  <dd>{shortcut.does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <div className={styles.close}>
        <Button onClick={close}>Close</Button>
      </div>
    </Dialog>
  );
}

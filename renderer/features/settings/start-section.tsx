import type { ReactElement } from 'react';
import type { LoginItem, ShellState } from '../../../preload/shell.ts';
import { Section } from '../../components/section.tsx';
import { Switch } from '../../components/switch.tsx';
import { oneLine } from '../../format/plain-text.ts';
import { useStore } from '../../state/use-store.ts';
import styles from './settings.module.css';

/** When Sentra starts, and what closing the window means. */
export function StartSection({ shell }: { readonly shell: ShellState }): ReactElement {
  const store = useStore();
  const { loginItem, trayHost } = shell;
  async function set(on: boolean): Promise<void> {
    const reply = await store.call('setLoginItem', { on });
    if (reply.ok) store.send({ kind: 'shell', shell: { ...shell, loginItem: reply.value } });
    else store.say('alarm', reply.error.message);
  }
  return (
    <Section title="Start">
      <div className={styles.row}>
        <span>
          Start Sentra when I log in
          {loginItem.state === 'unavailable' ? (
            <p className={styles.soft}>{oneLine(loginItem.reason, 300)}</p>
          ) : null}
        </span>
        <Switch
          label="Start Sentra when I log in"
          on={isOn(loginItem)}
          disabled={loginItem.state === 'unavailable'}
          onChange={(on) => void set(on)}
        />
      </div>
      <p className={styles.note}>
        {trayHost !== 'present'
          ? 'This desktop shows no tray icon: closing the window ends Sentra.'
          : 'Closing the window leaves Sentra in the tray, watching. Quit is in the tray’s menu.'}
      </p>
    </Section>
  );
}

function isOn(item: LoginItem): boolean {
  return item.state === 'on';
}

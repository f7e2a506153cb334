import type { ReactElement } from 'react';
import type { Appearance, ShellState } from '../../../preload/shell.ts';
import { Choice } from '../../components/choice.tsx';
import { Section } from '../../components/section.tsx';
import { useStore } from '../../state/use-store.ts';
import styles from './settings.module.css';

const options: readonly { readonly value: Appearance; readonly label: string }[] = [
  { value: 'system', label: 'As the desktop' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];

/** Light or dark. */
export function AppearanceSection({ shell }: { readonly shell: ShellState }): ReactElement {
  const store = useStore();
  async function set(appearance: Appearance): Promise<void> {
    const reply = await store.call('setAppearance', { appearance });
    if (reply.ok) store.send({ kind: 'shell', shell: reply.value });
    else store.say('alarm', reply.error.message);
  }
  return (
    <Section title="Appearance">
      <div className={styles.row}>
        <span>Colours</span>
        <Choice
          label="Colours"
          options={options}
          value={shell.appearance}
          onChange={(appearance) => void set(appearance)}
        />
      </div>
      <p className={styles.note}>Motion follows the desktop’s own setting.</p>
    </Section>
  );
}

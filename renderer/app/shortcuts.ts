import { isAsking } from '../components/is-asking.ts';
import type { Store } from '../state/store.ts';
import type { Route } from '../state/route.ts';

interface ShortcutGroup {
  readonly where: string;
  readonly keys: readonly { readonly keys: readonly string[]; readonly does: string }[];
}

/**
 * What the list of shortcuts says; kept beside what carries them out. `staysInTray`: whether Sentra
 * goes on when its window is closed.
 */
export const shortcuts = (staysInTray: boolean): readonly ShortcutGroup[] => [
  {
    where: 'Everywhere',
    keys: [
      { keys: ['Ctrl', '1'], does: 'Overview' },
      { keys: ['Ctrl', '2'], does: 'Findings' },
      { keys: ['Ctrl', '3'], does: 'Policy' },
      { keys: ['Ctrl', '4'], does: 'First steps' },
      { keys: ['Ctrl', '5'], does: 'Settings' },
      { keys: ['Ctrl', '6'], does: 'Egress' },
      { keys: ['Alt', '←'], does: 'Back' },
      { keys: ['/'], does: 'Filter the list' },
      { keys: ['?'], does: 'These shortcuts' },
      {
        keys: ['Ctrl', 'W'],
        does: staysInTray
          ? 'Close the window; watching goes on'
          : 'Close the window, which ends Sentra: nothing is watched then',
      },
    ],
  },
  {
    where: 'In a list',
    keys: [
      { keys: ['↑', '↓'], does: 'Move by one' },
      { keys: ['PgUp', 'PgDn'], does: 'Move by a page' },
      { keys: ['Home', 'End'], does: 'First, last' },
      { keys: ['Enter'], does: 'Open' },
    ],
  },
  {
    where: 'On a container in the list',
    keys: [
      { keys: ['P'], does: 'Pause; or resume, after a question' },
      { keys: ['N'], does: 'Cut network' },
      { keys: ['K'], does: 'Kill, after a question' },
    ],
  },
  {
    where: 'In the list of findings',
    keys: [
      { keys: ['Space'], does: 'Choose, or choose no longer' },
      { keys: ['Ctrl', 'A'], does: 'Choose all shown' },
    ],
  },
  {
    where: 'In an egress list',
    keys: [
      { keys: ['Ctrl', 'S'], does: 'Save, after a question' },
      { keys: ['Ctrl', 'Z'], does: 'Undo; with Shift: redo' },
    ],
  },
  {
    where: 'In the policy',
    keys: [
      { keys: ['Ctrl', 'S'], does: 'Save, after a question' },
      { keys: ['Esc', 'Tab'], does: 'Leave the editor' },
    ],
  },
];

const places: Readonly<Record<string, Route>> = {
  '1': { screen: 'overview' },
  '2': { screen: 'findings', finding: undefined },
  '3': { screen: 'policy' },
  '4': { screen: 'guide' },
  '5': { screen: 'settings' },
  '6': { screen: 'egress', container: undefined },
};

/** Carries out a shortcut that holds everywhere. */
export function onShortcut(event: KeyboardEvent, store: Store): void {
  if (event.defaultPrevented || event.isComposing) return;
  // While something is asked, its keys are its own.
  if (isAsking()) return;
  const command = event.ctrlKey || event.metaKey;
  const done = carryOut(event, command, store);
  if (done) event.preventDefault();
}

function carryOut(event: KeyboardEvent, command: boolean, store: Store): boolean {
  const place = places[event.key];
  if (command && place !== undefined) {
    store.go(place);
    return true;
  }
  if (command && event.key.toLowerCase() === 'w') {
    void store.call('closeWindow', {});
    return true;
  }
  if (event.altKey && event.key === 'ArrowLeft') {
    store.back();
    return true;
  }
  if (command || event.altKey || isWriting(event.target)) return false;
  if (event.key === '?') {
    store.send({ kind: 'shortcuts', open: true });
    return true;
  }
  if (event.key === '/') {
    document.querySelector<HTMLInputElement>('[data-filter]')?.focus();
    return true;
  }
  return false;
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
}

import { Suspense, useEffect, type ReactElement } from 'react';
import { HiddenText } from '../components/hidden-text.tsx';
import { useStore, useView } from '../state/use-store.ts';
import { AppearanceEffect } from './appearance-effect.tsx';
import styles from './application.module.css';
import {
  DeedQuestion,
  LiftQuestion,
  loadTheRest,
  ObserveQuestion,
  ShortcutList,
} from './later.tsx';
import { Navigation } from './navigation.tsx';
import { Notes } from './notes.tsx';
import { Screen } from './screen.tsx';
import { StandingNotice } from './standing-notice.tsx';
import { FindingAnnouncer } from './finding-announcer.tsx';
import { keepFocus } from './kept-focus.ts';
import { onShortcut } from './shortcuts.ts';

/** The window. */
export function Application(): ReactElement {
  const store = useStore();
  const route = useView((state) => state.route);
  const shortcutsOpen = useView((state) => state.shortcutsOpen);
  const asksDeed = useView((state) => state.question !== undefined);
  const asksToObserve = useView((state) => state.asksToObserve);
  const asksToLift = useView((state) => state.asksToLift);
  const isKnown = useView((state) => state.monitor !== undefined);

  useEffect(() => {
    const listen = (event: KeyboardEvent) => onShortcut(event, store);
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [store]);

  useEffect(() => keepFocus(), []);

  useEffect(() => {
    if (isKnown) loadTheRest();
  }, [isKnown]);

  return (
    <div className={styles.application}>
      <AppearanceEffect />
      <Navigation />
      <main className={styles.main}>
        <StandingNotice />
        <Screen key={route.screen} route={route} />
      </main>
      <Suspense fallback={null}>
        {asksDeed ? <DeedQuestion /> : null}
        {asksToObserve ? <ObserveQuestion /> : null}
        {asksToLift ? <LiftQuestion /> : null}
        {shortcutsOpen ? <ShortcutList /> : null}
      </Suspense>
      <Notes />
      <HiddenText>
        <FindingAnnouncer />
      </HiddenText>
    </div>
  );
}

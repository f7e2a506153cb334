import { useEffect, useRef, type ReactElement } from 'react';
import { ContainerScreen } from '../features/container/container-screen.tsx';
import { EgressScreen } from '../features/egress/egress-screen.tsx';
import { Findings } from '../features/findings/findings.tsx';
import { Guide } from '../features/guide/guide.tsx';
import { Overview } from '../features/overview/overview.tsx';
import { PolicyScreen } from '../features/policy/policy-screen.tsx';
import { Settings } from '../features/settings/settings.tsx';
import type { Route } from '../state/route.ts';
import { useView } from '../state/use-store.ts';
import { standingOf } from '../state/standing.ts';
import { Loading } from './loading.tsx';

/** The screen of a route. Coming to it puts the focus on its title, so that Tab begins there. */
export function Screen({ route }: { readonly route: Route }): ReactElement {
  const loading = useView((state) => standingOf(state).state === 'loading');
  const arrived = useRef(false);
  useEffect(() => {
    if (document.querySelector('[role="alertdialog"], [role="dialog"]') !== null) return;
    // When the outline gives way to the list, its title takes the focus along; nobody else's.
    const isFree = !arrived.current || document.activeElement === document.body;
    arrived.current = true;
    if (!isFree) return;
    document.querySelector<HTMLElement>('[data-page-title]')?.focus({ preventScroll: true });
  }, [loading]);
  if (loading && route.screen !== 'settings') return <Loading />;
  switch (route.screen) {
    case 'overview':
      return <Overview />;
    case 'container':
      return <ContainerScreen key={route.container} container={route.container} />;
    case 'findings':
      return <Findings selected={route.finding} />;
    case 'egress':
      return <EgressScreen selected={route.container} />;
    case 'policy':
      return <PolicyScreen />;
    case 'settings':
      return <Settings />;
    case 'guide':
      return <Guide />;
  }
}

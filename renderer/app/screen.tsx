import { Suspense, useEffect, useRef, type ReactElement } from 'react';
import { isAsking } from '../components/is-asking.ts';
import { Overview } from '../features/overview/overview.tsx';
import type { Route } from '../state/route.ts';
import { useView } from '../state/use-store.ts';
import { standingOf } from '../state/standing.ts';
import { Loading } from './loading.tsx';
import {
  ContainerScreen,
  EgressScreen,
  Findings,
  Guide,
  PolicyScreen,
  Settings,
} from './later.tsx';

/** The screen of a route. Coming to it puts the focus on its title, so that Tab begins there. */
export function Screen({ route }: { readonly route: Route }): ReactElement {
  const loading = useView((state) => standingOf(state).state === 'loading');
  const outlined = loading && route.screen !== 'settings';
  return (
    <Suspense fallback={null}>
      {outlined ? <Loading /> : screenOf(route)}
      <Arrival loading={loading} />
    </Suspense>
  );
}

/** Beside a screen whose script may still be loaded: what is done when it is there. */
function Arrival({ loading }: { readonly loading: boolean }): null {
  const arrived = useRef(false);
  useEffect(() => {
    if (isAsking()) return;
    // When the outline gives way to the list, its title takes the focus along; nobody else's.
    const isFree = !arrived.current || document.activeElement === document.body;
    arrived.current = true;
    if (!isFree) return;
    document.querySelector<HTMLElement>('[data-page-title]')?.focus({ preventScroll: true });
  }, [loading]);
  return null;
}

function screenOf(route: Route): ReactElement {
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

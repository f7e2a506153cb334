import type { ReactElement } from 'react';
import { Button } from '../components/button.tsx';
import { Notice } from '../components/notice.tsx';
import { countOf } from '../format/number.ts';
import { useStore, useView } from '../state/use-store.ts';

/** Says that connections wait for an answer, on every screen but the one where it is given. */
export function HeldNotice(): ReactElement | null {
  const store = useStore();
  const count = useView(
    (state) =>
      state.monitor?.held?.filter(({ state: each }) => each.kind === 'waiting').length ?? 0,
  );
  const isThere = useView((state) => state.route.screen === 'egress');
  if (count === 0 || isThere) return null;
  return (
    <Notice
      tone="warning"
      title={`${countOf(count, 'connection')} held.`}
      buttons={
        <Button onClick={() => store.go({ screen: 'egress', container: undefined })}>Decide</Button>
      }
    >
      No rule decides about {count === 1 ? 'it' : 'them'}; what nobody answers is refused after two
      minutes.
    </Notice>
  );
}

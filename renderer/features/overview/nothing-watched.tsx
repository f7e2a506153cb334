import type { ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { countOf } from '../../format/number.ts';
import { useStore, useView } from '../../state/use-store.ts';

/** Why the list is empty. What is wrong with the monitor or the engine stands above the page. */
export function NothingWatched(): ReactElement {
  const store = useStore();
  const monitor = useView((state) => state.monitor);
  if (monitor === undefined) {
    return (
      <EmptyState icon="box" title="Nothing is known yet">
        Containers appear here as soon as the monitor runs.
      </EmptyState>
    );
  }
  if (monitor.connection.state === 'none') {
    return (
      <EmptyState icon="box" title="No engine to watch">
        Sentra watches the containers of a Docker engine on this machine.
      </EmptyState>
    );
  }
  if (monitor.leftOut > 0) {
    return (
      <EmptyState
        icon="box"
        title="No container is watched"
        buttons={
          <Button onClick={() => store.go({ screen: 'guide' })}>Choose what to watch</Button>
        }
      >
        The engine has {countOf(monitor.leftOut, 'container')} that the policy leaves out.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon="box" title="No containers yet">
      Start one, and it appears here within a second. Sentra then learns what is normal for it.
    </EmptyState>
  );
}

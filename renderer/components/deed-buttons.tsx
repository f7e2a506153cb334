import type { ReactElement } from 'react';
import { deedWords, freezeDeed, objection, offeredDeeds, type Deed } from '../state/deeds.ts';
import type { WorkloadView } from '../state/model.ts';
import { useStore, useView } from '../state/use-store.ts';
import { Button, IconButton } from './button.tsx';
import type { IconName } from './icon.tsx';

const icons: Readonly<Record<Deed, IconName>> = {
  pause: 'pause',
  quarantine: 'cut',
  kill: 'kill',
  resume: 'resume',
  release: 'resume',
};

/**
 * What can be done to a container, each in one click: the small form for rows, the large for pages.
 * A button that makes no sense now stays in its place and says why not.
 */
export function DeedButtons({
  view,
  large = false,
  reachable = true,
}: {
  readonly view: WorkloadView;
  readonly large?: boolean;
  /** Whether Tab stops at them. */
  readonly reachable?: boolean;
}): ReactElement {
  const store = useStore();
  const { container, name } = view.workload;
  const busy = useView((state) => state.pending.has(container));
  const away = useView((state) => state.shell?.monitor.state !== 'running');
  const deeds = large ? offeredDeeds(view) : ([freezeDeed(view), 'quarantine', 'kill'] as const);
  return (
    <>
      {deeds.map((deed, place) => {
        const { button, meaning } = deedWords[deed];
        const reason = away ? 'The monitor is not running.' : objection(view, deed);
        const shared = {
          disabled: busy || reason !== undefined,
          tabIndex: reachable ? 0 : -1,
          onClick: () => store.request(deed, container),
        };
        // The place is the key: when Pause becomes Resume, the focus stays on the button.
        return large ? (
          <Button
            key={place}
            icon={icons[deed]}
            look={deed === 'kill' ? 'danger' : 'plain'}
            title={reason ?? meaning}
            aria-label={`${button} ${name}`}
            {...shared}
          >
            {button}
          </Button>
        ) : (
          <IconButton
            key={place}
            icon={icons[deed]}
            look={deed === 'kill' ? 'danger' : 'quiet'}
            label={`${button} ${name}`}
            hint={reason === undefined ? `${button}. ${meaning}` : `${button}: ${reason}`}
            {...shared}
          />
        );
      })}
    </>
  );
}

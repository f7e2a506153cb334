import type { ReactElement } from 'react';
import { roughSpan } from '../../format/duration.ts';
import type { WorkloadView } from '../../state/model.ts';
import { useNow } from '../../state/use-now.ts';

/** Whether what is normal for it is known. */
export function LearningLine({
  learning,
}: {
  readonly learning: WorkloadView['learning'];
}): ReactElement {
  const now = useNow(5000);
  return (
    <span>
      {learning.state === 'learned'
        ? `what is normal has been known for ${roughSpan(now - learning.since)}`
        : `still learning what is normal, ${roughSpan(learning.until - now)} left`}
    </span>
  );
}

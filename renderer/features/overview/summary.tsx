import type { ReactElement } from 'react';
import { bytes } from '../../format/bytes.ts';
import { cores } from '../../format/number.ts';
import { totals } from '../../state/container-list.ts';
import { useView } from '../../state/use-store.ts';
import styles from './overview.module.css';

/** All containers together, in a line. */
export function Summary(): ReactElement | null {
  const workloads = useView((state) => state.workloads);
  const leftOut = useView((state) => state.monitor?.leftOut ?? 0);
  const known = useView((state) => state.monitor !== undefined);
  if (!known) return null;
  const { running, cpuCores, memoryBytes } = totals(workloads.values());
  return (
    <div className={styles.summary}>
      <span>
        <strong>{running}</strong> of {workloads.size} running
      </span>
      <span>
        CPU <strong>{cores(cpuCores)}</strong>
      </span>
      <span>
        Memory <strong>{bytes(memoryBytes)}</strong>
      </span>
      {leftOut > 0 ? (
        <span title="Containers of this engine that the policy leaves out, and Sentra’s own.">
          <strong>{leftOut}</strong> not watched
        </span>
      ) : null}
    </div>
  );
}

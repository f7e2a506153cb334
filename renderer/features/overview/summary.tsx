import type { ReactElement } from 'react';
import { bytes } from '../../format/bytes.ts';
import { cores } from '../../format/number.ts';
import { isRunning } from '../../state/model.ts';
import { useView } from '../../state/use-store.ts';
import styles from './overview.module.css';

/** All containers together, in a line. */
export function Summary(): ReactElement | null {
  const workloads = useView((state) => state.workloads);
  const leftOut = useView((state) => state.monitor?.leftOut ?? 0);
  const known = useView((state) => state.monitor !== undefined);
  if (!known) return null;
  let [running, cpu, memory] = [0, 0, 0];
  for (const { workload, resource } of workloads.values()) {
    if (isRunning(workload)) running += 1;
    cpu += resource?.cpuCores ?? 0;
    memory += resource?.memoryBytes ?? 0;
  }
  return (
    <div className={styles.summary}>
      <span>
        <strong>{running}</strong> of {workloads.size} running
      </span>
      <span>
        CPU <strong>{cores(cpu)}</strong>
      </span>
      <span>
        Memory <strong>{bytes(memory)}</strong>
      </span>
      {leftOut > 0 ? (
        <span title="Containers of this engine that the policy leaves out, and Sentra’s own.">
          <strong>{leftOut}</strong> not watched
        </span>
      ) : null}
    </div>
  );
}

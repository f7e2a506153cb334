import type { ReactElement } from 'react';
import { Facts, Section } from '../../components/section.tsx';
import { bytes } from '../../format/bytes.ts';
import { dateAndTime } from '../../format/duration.ts';
import { cores, grouped } from '../../format/number.ts';
import { oneLine } from '../../format/plain-text.ts';
import { useView } from '../../state/use-store.ts';
import styles from './settings.module.css';

/** What Sentra's monitor itself uses, and what it lost. */
export function OwnCostSection(): ReactElement {
  const monitor = useView((state) => state.monitor);
  const program = useView((state) => state.shell?.program);
  return (
    <Section title="Sentra itself">
      {monitor === undefined ? (
        <p className={styles.soft}>The monitor has not said yet.</p>
      ) : (
        <>
          <div className={styles.figures}>
            <span>
              <strong className={styles.figure}>{cores(monitor.cost.cpuCores)}</strong>
              <span className={styles.soft}>CPU, over the last minute</span>
            </span>
            <span>
              <strong className={styles.figure}>{bytes(monitor.cost.residentBytes)}</strong>
              <span className={styles.soft}>memory</span>
            </span>
          </div>
          <Facts
            facts={[
              { name: 'Version', value: program ?? 'not known' },
              { name: 'Watching since', value: dateAndTime(monitor.startedAt, Date.now()) },
              {
                name: 'Lost since then',
                value:
                  monitor.losses.length === 0
                    ? 'nothing'
                    : monitor.losses
                        .map(({ what, count }) => `${oneLine(what, 80)} (${grouped(count)})`)
                        .join(', '),
              },
            ]}
          />
          <p className={styles.note}>
            The monitor with its sensors in the kernel. The tray, and this window while it is open,
            come on top.
          </p>
        </>
      )}
    </Section>
  );
}

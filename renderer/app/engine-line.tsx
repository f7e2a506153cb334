import type { ReactElement } from 'react';
import { Dot } from '../components/badge.tsx';
import { bytes } from '../format/bytes.ts';
import { cores } from '../format/number.ts';
import { oneLine } from '../format/plain-text.ts';
import { standingOf, type Standing } from '../state/standing.ts';
import { useView } from '../state/use-store.ts';
import styles from './engine-line.module.css';

const words: Readonly<Record<Standing['state'], string>> = {
  loading: 'Connecting',
  watching: 'Watching',
  'monitor-starting': 'Starting',
  'monitor-restarting': 'Restarting',
  'monitor-stopped': 'Not watching',
  'engine-lost': 'Engine lost',
  'no-engine': 'No engine',
  'no-permission': 'No permission',
  'watched-elsewhere': 'Watched elsewhere',
  unreadable: 'No answer',
};

/** At the foot of the navigation: whether it watches, which engine, and what Sentra itself costs. */
export function EngineLine(): ReactElement {
  const state = useView((state) => standingOf(state).state);
  const engine = useView((state) => state.monitor?.engine);
  const cost = useView((state) => state.monitor?.cost);
  const mode = useView((state) => state.monitor?.policy.mode);
  const simulated = useView((state) => state.monitor?.simulated === true);
  const isWatching = state === 'watching';
  return (
    <div className={styles.line}>
      <div className={styles.state} title={words[state]}>
        <Dot tone={isWatching ? 'good' : state === 'loading' ? 'plain' : 'critical'} />
        <span>
          {words[state]}
          {isWatching && mode !== undefined ? ` · ${mode}` : ''}
        </span>
      </div>
      {engine === undefined ? null : (
        <div className={styles.detail} title={oneLine(engine.endpoint)}>
          {simulated ? 'Simulated engine' : `${oneLine(engine.name, 40)} ${engine.version}`}
        </div>
      )}
      {cost === undefined ? null : (
        <div className={styles.detail} title="What Sentra’s monitor itself uses">
          Sentra {cores(cost.cpuCores)},
          <br />
          {bytes(cost.residentBytes)} of memory
        </div>
      )}
    </div>
  );
}

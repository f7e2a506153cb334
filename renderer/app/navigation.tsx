import type { ReactElement } from 'react';
import { Badge } from '../components/badge.tsx';
import { HiddenText } from '../components/hidden-text.tsx';
import { Icon, type IconName } from '../components/icon.tsx';
import { severities, type Severity } from '../state/model.ts';
import { sectionOf, type Route, type Section } from '../state/route.ts';
import { useStore, useView } from '../state/use-store.ts';
import type { ViewState } from '../state/view-state.ts';
import { EngineLine } from './engine-line.tsx';
import styles from './navigation.module.css';

const sections: readonly {
  readonly section: Section;
  readonly label: string;
  readonly icon: IconName;
}[] = [
  { section: 'overview', label: 'Overview', icon: 'overview' },
  { section: 'findings', label: 'Findings', icon: 'finding' },
  { section: 'egress', label: 'Egress', icon: 'egress' },
  { section: 'policy', label: 'Policy', icon: 'policy' },
  { section: 'guide', label: 'First steps', icon: 'guide' },
  { section: 'settings', label: 'Settings', icon: 'settings' },
];

/** How many findings are open, and the gravest of them. What is merely info is not counted. */
function openCount(state: ViewState): string {
  let [count, worst] = [0, -1];
  for (const { status, severity } of state.findings.values()) {
    if (status !== 'open' || severity === 'info') continue;
    count += 1;
    worst = Math.max(worst, severities.indexOf(severity));
  }
  return count === 0 ? '' : `${count} ${severities[worst] ?? 'low'}`;
}

function routeTo(section: Section): Route {
  if (section === 'findings') return { screen: section, finding: undefined };
  if (section === 'egress') return { screen: section, container: undefined };
  return { screen: section };
}

/** The way from screen to screen, and how the engine stands. */
export function Navigation(): ReactElement {
  const store = useStore();
  const current = useView((state) => sectionOf(state.route));
  const [count, worst] = useView(openCount).split(' ');
  return (
    <nav className={styles.navigation} aria-label="Screens">
      <div className={styles.mark} aria-hidden="true">
        <svg viewBox="0 0 20 20" width="20" height="20" fill="none">
          <path
            d="M10 1.5 17 4.2v5.3c0 4.3-2.9 7.5-7 9-4.1-1.5-7-4.7-7-9V4.2L10 1.5Z"
            fill="currentColor"
            opacity="0.18"
          />
          <path
            d="M10 1.5 17 4.2v5.3c0 4.3-2.9 7.5-7 9-4.1-1.5-7-4.7-7-9V4.2L10 1.5Z"
            stroke="currentColor"
            strokeWidth="1.4"
          />
          <path
            d="M5.5 10.5h2.2l1.5-3.5 2 6 1.4-2.5h2"
            stroke="currentColor"
            strokeWidth="1.4"
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </svg>
        <span>Sentra</span>
      </div>
      <ul className={styles.list}>
        {sections.map(({ section, label, icon }) => (
          <li key={section}>
            <button
              type="button"
              className={styles.entry}
              title={label}
              aria-current={section === current ? 'page' : undefined}
              onClick={() => store.go(routeTo(section))}
            >
              <Icon name={icon} />
              <span className={styles.label}>{label}</span>
              {section === 'findings' && count !== undefined && count !== '' ? (
                <span className={styles.count}>
                  <Badge tone={worst as Severity}>
                    {count}
                    <HiddenText> open</HiddenText>
                  </Badge>
                </span>
              ) : null}
            </button>
          </li>
        ))}
      </ul>
      <button
        type="button"
        className={styles.entry}
        title="Keyboard shortcuts"
        onClick={() => store.send({ kind: 'shortcuts', open: true })}
      >
        <Icon name="help" />
        <span className={styles.label}>Shortcuts</span>
        <kbd className={styles.key}>?</kbd>
      </button>
      <EngineLine />
    </nav>
  );
}

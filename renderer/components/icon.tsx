import type { ReactElement } from 'react';
import styles from './icon.module.css';

/** Drawn on a grid of 16, in strokes of the text's colour. */
const drawings = {
  overview: <path d="M2.5 3.5h11M2.5 8h11M2.5 12.5h11" />,
  finding: <path d="M8 2 14.5 13.5h-13L8 2Zm0 4.5v3M8 11.6v.1" />,
  egress: <path d="M8.5 2.5h-6v11h6M6.5 8h7m-2.7-2.7L13.5 8l-2.7 2.7" />,
  plus: <path d="M8 3v10M3 8h10" />,
  policy: <path d="M3.5 2.5h6l3 3v8h-9v-11Zm6 0v3h3M5.8 8.3h4.4M5.8 10.8h4.4" />,
  settings: (
    <path d="M2.5 4.5h5m3 0h3M2.5 11.5h2m3 0h6M9 3v3M6 10v3M2.5 8h7.5m2 0h1.5M11 6.6v2.8" />
  ),
  guide: (
    <path d="M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11Zm2.2 3.3-1.3 3.1-3.1 1.3 1.3-3.1 3.1-1.3Z" />
  ),
  pause: <path d="M5.5 3.5v9m5-9v9" />,
  resume: <path d="M5 3.2v9.6l7.5-4.8L5 3.2Z" />,
  cut: (
    <path d="M6 10 4.4 11.6a2.3 2.3 0 0 1-3.2-3.2L4 5.6M10 6l1.6-1.6a2.3 2.3 0 0 1 3.2 3.2L12 10.4M3 2.5l10 11" />
  ),
  kill: (
    <path d="M5.2 2h5.6L14 5.2v5.6L10.8 14H5.2L2 10.8V5.2L5.2 2Zm.6 3.8 4.4 4.4m0-4.4-4.4 4.4" />
  ),
  search: <path d="M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9Zm3.3 7.8 3.2 3.2" />,
  back: <path d="M9.5 3.5 5 8l4.5 4.5" />,
  up: <path d="m4.5 9.5 3.5-3.5 3.5 3.5" />,
  down: <path d="m4.5 6.5 3.5 3.5 3.5-3.5" />,
  close: <path d="m4 4 8 8m0-8-8 8" />,
  check: <path d="m3 8.5 3.3 3.3L13 4.8" />,
  mute: (
    <path d="M8 2.5a3.5 3.5 0 0 0-3.5 3.5c0 3.5-1.5 4.5-1.5 4.5h10s-1.5-1-1.5-4.5A3.5 3.5 0 0 0 8 2.5Zm-1.3 10.5a1.4 1.4 0 0 0 2.6 0M2.5 2.5l11 11" />
  ),
  undo: <path d="M3 6.5h6.5a3.3 3.3 0 0 1 0 6.5H6M5.8 3.5 3 6.5l2.8 3" />,
  help: (
    <path d="M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11ZM6.3 6.5a1.7 1.7 0 1 1 2.5 1.5c-.6.3-.8.7-.8 1.2m0 1.9v.1" />
  ),
  eye: (
    <path d="M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8Zm6.5-1.8a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6Z" />
  ),
  box: <path d="m8 2 5.5 2.8v6.4L8 14l-5.5-2.8V4.8L8 2Zm0 5.8v6M2.7 5 8 7.8 13.3 5" />,
} as const;

export type IconName = keyof typeof drawings;

/** A picture beside words, or on a button that has a name; screen readers pass it over. */
export function Icon({ name }: { readonly name: IconName }): ReactElement {
  return (
    <svg
      className={styles.icon}
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {drawings[name]}
    </svg>
  );
}

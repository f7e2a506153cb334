import { useId, type ReactElement, type ReactNode } from 'react';
import styles from './section.module.css';

/** A part of a page in a frame, with its name. */
export function Section({
  title,
  aside,
  flush = false,
  children,
}: {
  readonly title: string;
  readonly aside?: ReactNode;
  /** Without a margin inside: for tables and lists, which bring their own. */
  readonly flush?: boolean;
  readonly children: ReactNode;
}): ReactElement {
  const heading = useId();
  return (
    <section className={styles.section} aria-labelledby={heading}>
      <header className={styles.header}>
        <h2 id={heading}>{title}</h2>
        <div className={styles.aside}>{aside}</div>
      </header>
      <div className={flush ? undefined : styles.body}>{children}</div>
    </section>
  );
}

/** Names and what they are, in two columns. */
export function Facts({
  facts,
}: {
  readonly facts: readonly { readonly name: string; readonly value: ReactNode }[];
}): ReactElement {
  return (
    <dl className={styles.facts}>
      {facts.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

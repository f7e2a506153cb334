import type { ReactElement } from 'react';
import { HiddenText } from '../../components/hidden-text.tsx';
import { Icon } from '../../components/icon.tsx';
import { naturalOrder, type ListOrder, type SortKey } from '../../state/container-list.ts';
import styles from './container-list.module.css';
import { classes } from '../../components/classes.ts';

const columns: readonly {
  readonly label: string;
  readonly key: SortKey | undefined;
  readonly place: string;
}[] = [
  { label: 'Container', key: 'name', place: 'name' },
  { label: 'State', key: 'attention', place: 'state' },
  { label: 'CPU', key: 'cpu', place: 'cpu' },
  { label: 'Memory', key: 'memory', place: 'memory' },
  { label: 'Network', key: 'network', place: 'network' },
  { label: 'Calls', key: undefined, place: 'calls' },
  { label: 'Sees', key: undefined, place: 'sees' },
  { label: 'Actions', key: undefined, place: 'actions' },
];

/** What the button in the head of the badges shows. */
export const legendId = 'what-the-badges-mean';

function ColumnHead({ label }: { readonly label: string }): ReactElement {
  if (label !== 'Sees') return <>{label}</>;
  return (
    <button type="button" className={styles.sort} popoverTarget={legendId}>
      {label}
      <HiddenText>: what the letters mean</HiddenText>
      <Icon name="help" />
    </button>
  );
}

/** The heads of the columns; those that sort are buttons. */
export function Columns({
  order,
  onOrder,
}: {
  readonly order: ListOrder;
  readonly onOrder: (order: ListOrder) => void;
}): ReactElement {
  return (
    <div role="row" aria-rowindex={1} className={classes(styles.columns, styles.head)}>
      {columns.map(({ label, key, place }) => (
        <div
          key={label}
          role="columnheader"
          className={styles[place]}
          aria-sort={
            key === undefined || order.key !== key
              ? undefined
              : order.descending
                ? 'descending'
                : 'ascending'
          }
        >
          {key === undefined ? (
            <ColumnHead label={label} />
          ) : (
            <button
              type="button"
              className={styles.sort}
              onClick={() =>
                onOrder(
                  order.key === key ? { key, descending: !order.descending } : naturalOrder(key),
                )
              }
            >
              {label}
              {order.key === key ? <Icon name={order.descending ? 'down' : 'up'} /> : null}
            </button>
          )}
        </div>
      ))}
    </div>
  );
}

import type { ComponentProps, ReactElement } from 'react';
import styles from './button.module.css';
import { Icon, type IconName } from './icon.tsx';
import { classes } from './classes.ts';

export type ButtonLook = 'plain' | 'primary' | 'danger' | 'quiet';

type ButtonProps = Omit<ComponentProps<'button'>, 'type' | 'className'> & {
  readonly look?: ButtonLook;
  readonly icon?: IconName;
  /** Whether it sends the form it stands in, as Enter in a field does. */
  readonly submits?: boolean;
};

/** A button with words, and a picture in front of them where one helps. */
export function Button({
  look = 'plain',
  icon,
  submits = false,
  children,
  ...rest
}: ButtonProps): ReactElement {
  return (
    <button
      type={submits ? 'submit' : 'button'}
      className={classes(styles.button, styles[look])}
      {...rest}
    >
      {icon === undefined ? null : <Icon name={icon} />}
      {children}
    </button>
  );
}

type IconButtonProps = Omit<
  ComponentProps<'button'>,
  'type' | 'className' | 'children' | 'title'
> & {
  readonly icon: IconName;
  /** What it does, to whom: the name for screen readers. */
  readonly label: string;
  /** What shows while the pointer rests on it; the label where this is not given. */
  readonly hint?: string;
  readonly look?: 'quiet' | 'danger';
};

/** A button of one picture. */
export function IconButton({
  icon,
  label,
  hint,
  look = 'quiet',
  ...rest
}: IconButtonProps): ReactElement {
  return (
    <button
      type="button"
      className={classes(styles.button, styles.square, styles[look])}
      aria-label={label}
      title={hint ?? label}
      {...rest}
    >
      <Icon name={icon} />
    </button>
  );
}

import { useRef, type FocusEvent, type RefObject } from 'react';
import { useKeptFocus } from './use-kept-focus.ts';

/**
 * For a list whose entries are one button each, come and go by themselves, and only show something:
 * when the one with the focus goes, the next has it, or the last. What the list is to be given.
 */
export function useKeptRow(list: RefObject<HTMLElement | null>): {
  readonly onFocus: (event: FocusEvent) => void;
  readonly onBlur: () => void;
} {
  const place = useRef(0);
  const buttons = (): HTMLButtonElement[] => [...(list.current?.querySelectorAll('button') ?? [])];
  const focus = useKeptFocus(() => {
    (buttons()[place.current] ?? buttons().at(-1))?.focus({ preventScroll: true });
  });
  return {
    onFocus(event) {
      place.current = buttons().findIndex((each) => each === event.target);
      focus.onFocus();
    },
    onBlur: focus.onBlur,
  };
}

import { useEffect, useRef } from 'react';

/**
 * For an element whose parts come and go: gives what it hears focus and blur by. When the part that
 * has the focus is taken out, which tells no blur, Tab would begin at the top of the page; `onLost` is
 * called then, to put the focus somewhere near.
 */
export function useKeptFocus(onLost: () => void): {
  readonly onFocus: () => void;
  readonly onBlur: () => void;
} {
  const isWithin = useRef(false);
  useEffect(() => {
    if (!isWithin.current || document.activeElement !== document.body) return;
    isWithin.current = false;
    onLost();
  });
  return {
    onFocus() {
      isWithin.current = true;
    },
    onBlur() {
      isWithin.current = false;
    },
  };
}

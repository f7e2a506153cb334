import { useEffect, useState, type RefObject } from 'react';

/** Which rows of a long list are near enough to be seen, from `first` to before `end`. */
export interface RowWindow {
  readonly first: number;
  readonly end: number;
}

/** Rows drawn beyond the edge on either side, so that scrolling shows no gap. */
const beyond = 6;

/** The rows that show when the list is `height` high and scrolled to `top`; all in pixels. */
export function rowsInSight(
  top: number,
  height: number,
  rowHeight: number,
  count: number,
): RowWindow {
  const first = Math.max(0, Math.floor(top / rowHeight) - beyond);
  const end = Math.min(count, Math.ceil((top + height) / rowHeight) + beyond);
  return { first: Math.min(first, end), end };
}

/** Follows the scrolling and the size of the list. All rows have the same height, in pixels. */
export function useWindowOfRows(
  scroller: RefObject<HTMLElement | null>,
  rowHeight: number,
  count: number,
): RowWindow {
  const [place, setPlace] = useState({ top: 0, height: 800 });
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const read = () => {
      // Steps of a row: scrolling within one draws nothing anew.
      const top = Math.floor(element.scrollTop / rowHeight) * rowHeight;
      const height = element.clientHeight;
      setPlace((before) =>
        before.top === top && before.height === height ? before : { top, height },
      );
    };
    read();
    element.addEventListener('scroll', read, { passive: true });
    const sizes = new ResizeObserver(read);
    sizes.observe(element);
    return () => {
      element.removeEventListener('scroll', read);
      sizes.disconnect();
    };
  }, [scroller, rowHeight]);
  return rowsInSight(place.top, place.height + rowHeight, rowHeight, count);
}

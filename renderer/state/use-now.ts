import { useEffect, useState } from 'react';

/** The time, in milliseconds since 1970, drawn anew each `everyMs`; it stands still while hidden. */
export function useNow(everyMs = 1000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    let timer: number | undefined;
    const tick = () => {
      setNow(Date.now());
      timer = window.setTimeout(tick, everyMs);
    };
    const follow = () => {
      clearTimeout(timer);
      if (document.visibilityState === 'visible') tick();
    };
    timer = window.setTimeout(tick, everyMs);
    document.addEventListener('visibilitychange', follow);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', follow);
    };
  }, [everyMs]);
  return now;
}

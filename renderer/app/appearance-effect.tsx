import { useEffect } from 'react';
import { forgetPaint } from '../components/paint.ts';
import { useView } from '../state/use-store.ts';

/** Carries the chosen appearance to the page. `system` follows the desktop by itself. */
export function AppearanceEffect(): null {
  const appearance = useView((state) => state.shell?.appearance ?? 'system');
  useEffect(() => {
    const root = document.documentElement;
    if (appearance === 'system') delete root.dataset['appearance'];
    else root.dataset['appearance'] = appearance;
    forgetPaint();
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', forgetPaint);
    return () => dark.removeEventListener('change', forgetPaint);
  }, [appearance]);
  return null;
}

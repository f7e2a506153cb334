import { useEffect, useState } from 'react';
import type { ContainerId } from '../../state/model.ts';
import type { Store } from '../../state/store.ts';
import { useStore } from '../../state/use-store.ts';

/** From look to look, milliseconds. */
const lookMs = 2_000;

/** What a container does, as it was last told; undefined before the first answer. */
export type Behaviour<View> =
  | { readonly state: 'told'; readonly view: View }
  | { readonly state: 'failed'; readonly message: string }
  | undefined;

/** How it is asked for; the same function each time, or it is asked for anew. */
type Ask<View> = (
  store: Store,
  target: ContainerId,
) => Promise<
  | { readonly ok: true; readonly value: View }
  | { readonly ok: false; readonly error: { readonly message: string } }
>;

/** Asks every two seconds while `isWanted` and the page can be seen. */
export function useBehaviour<View>(
  ask: Ask<View>,
  container: ContainerId,
  isWanted: boolean,
): Behaviour<View> {
  const store = useStore();
  const [told, setTold] = useState<Behaviour<View>>();

  useEffect(() => {
    let left = false;
    let timer: number | undefined;
    async function look(): Promise<void> {
      if (!document.hidden) {
        const reply = await ask(store, container);
        if (left) return;
        setTold(
          reply.ok
            ? { state: 'told', view: reply.value }
            : { state: 'failed', message: reply.error.message },
        );
      }
      if (isWanted) timer = window.setTimeout(() => void look(), lookMs);
    }
    void look();
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [store, ask, container, isWanted]);
  return told;
}

import { createContext, use, useCallback, useSyncExternalStore } from 'react';
import type { Store } from './store.ts';
import type { ViewState } from './view-state.ts';

/** The store, for everything below it. */
export const StoreContext = createContext<Store | undefined>(undefined);

/** The store: what can be asked for and done. */
export function useStore(): Store {
  const store = use(StoreContext);
  if (store === undefined) throw new Error('No store is provided above this component.');
  return store;
}

/**
 * A part of what is shown; the component is drawn anew when it is another by `===`. The selector must
 * give the same part for the same state, so it makes nothing new.
 */
export function useView<Part>(select: (state: ViewState) => Part): Part {
  const store = useStore();
  const read = useCallback(() => select(store.getState()), [select, store]);
  const subscribe = useCallback((listener: () => void) => store.subscribe(listener), [store]);
  return useSyncExternalStore(subscribe, read);
}

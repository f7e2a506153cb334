import { useCallback } from 'react';
import type { HelpTopic } from '../../preload/shell.ts';
import { useStore } from './use-store.ts';

/** Opens a page of help in the browser, and says so where none opens. */
export function useHelp(): (topic: HelpTopic) => void {
  const store = useStore();
  return useCallback(
    (topic) => {
      void store.call('openHelp', { topic }).then((reply) => {
        if (!reply.ok) store.say('alarm', `The page could not be opened. ${reply.error.message}`);
      });
    },
    [store],
  );
}

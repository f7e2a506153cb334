import { useEffect, useMemo, useState } from 'react';
import {
  mostRead,
  responseTo,
  type FindingResponse,
  type ResponseRecord,
} from './finding-response.ts';
import type { Finding } from './model.ts';
import { useStore, useView } from './use-store.ts';

/** From a reading that failed to the next, milliseconds. */
const againMs = 5000;

/** What was done about a finding, read anew with each decision; and why it was not read, a sentence. */
export function useResponse(
  finding: Finding,
): readonly [response: FindingResponse, failure: string | undefined] {
  const store = useStore();
  const { id, workload, onsetAt } = finding;
  const decisions = useView((state) => state.decisions);
  const actions = useView((state) => state.actions);
  const [record, setRecord] = useState<ResponseRecord>();
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    let left = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    async function read(): Promise<void> {
      const [decided, done] = await Promise.all([
        store.call('decisions', { finding: id, limit: mostRead }),
        store.call('actions', { workload, since: Math.floor(onsetAt), limit: mostRead }),
      ]);
      if (left) return;
      if (decided.ok && done.ok) {
        setRecord({ decisions: decided.value, actions: done.value });
        setFailure(undefined);
        return;
      }
      const failed = decided.ok ? done : decided;
      if (!failed.ok) setFailure(failed.error.message);
      timer = setTimeout(() => void read(), againMs);
    }
    void read();
    return () => {
      left = true;
      clearTimeout(timer);
    };
    // The decisions: with each that is told there may be more to read.
  }, [store, id, workload, onsetAt, decisions]);
  const response = useMemo(
    () => responseTo(finding, { decisions, actions }, record),
    [finding, decisions, actions, record],
  );
  return [response, record === undefined ? failure : undefined];
}

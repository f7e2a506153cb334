import { isRunning, type ActionName, type WorkloadView } from './model.ts';

/** What a person can do to a container from the window. */
export type Deed = Extract<ActionName, 'pause' | 'quarantine' | 'kill' | 'resume' | 'release'>;

/** What a deed is called on a button, what doing it is called, and what it means in a sentence. */
export const deedWords: Readonly<
  Record<Deed, { readonly button: string; readonly doing: string; readonly meaning: string }>
> = {
  pause: {
    button: 'Pause',
    doing: 'Pausing',
    meaning: 'Freezes all its processes and cuts it off from all networks.',
  },
  quarantine: {
    button: 'Cut network',
    doing: 'Cutting off',
    meaning: 'Detaches it from all networks; it keeps running.',
  },
  kill: {
    button: 'Kill',
    doing: 'Killing',
    meaning: 'Ends all its processes at once. What they have not saved is lost.',
  },
  resume: {
    button: 'Resume',
    doing: 'Resuming',
    meaning: 'Lets its processes run again. Its networks stay as they are.',
  },
  release: {
    button: 'Release',
    doing: 'Releasing',
    meaning: 'Gives back what was taken: processes, networks, restart policy, limits.',
  },
};

/** Whether it is asked first: what cannot be undone, and what gives freedom back. */
export function asksFirst(deed: Deed): deed is 'kill' | 'resume' | 'release' {
  return deed === 'kill' || deed === 'resume' || deed === 'release';
}

/**
 * The deed that the first button of a row stands for. A container that Sentra holds is released as a
 * whole, for a resumed one without its networks looks broken; one that somebody else paused is
 * resumed.
 */
export function freezeDeed(view: WorkloadView): 'pause' | 'resume' | 'release' {
  if (view.containment !== undefined) return 'release';
  return view.workload.state === 'paused' ? 'resume' : 'pause';
}

/** Where there is room: a frozen container can also be thawed alone, staying cut off. */
export function offeredDeeds(view: WorkloadView): readonly [Deed, Deed, Deed] {
  const isFrozen = view.containment?.depth === 'frozen' && view.workload.state === 'paused';
  return [freezeDeed(view), isFrozen ? 'resume' : 'quarantine', 'kill'];
}

/** Why a deed makes no sense now, in a sentence; undefined when it can be done. */
export function objection(view: WorkloadView, deed: Deed): string | undefined {
  const { workload, containment } = view;
  const lives = isRunning(workload) || workload.state === 'paused';
  switch (deed) {
    case 'release':
      return containment === undefined ? 'Sentra does not hold it.' : undefined;
    case 'resume':
      return workload.state === 'paused' ? undefined : 'It is not paused.';
    case 'pause':
      if (containment?.depth === 'frozen') return 'It is frozen already.';
      return lives ? undefined : 'It does not run.';
    case 'quarantine':
      if (containment?.depth === 'frozen' || containment?.depth === 'quarantined') {
        return 'It is cut off already.';
      }
      if (workload.network.kind === 'none') return 'It has no network.';
      return lives ? undefined : 'It does not run.';
    case 'kill':
      return lives ? undefined : 'It does not run.';
  }
}

import { lazy, useState, type ComponentType, type ReactElement } from 'react';

const parts: (() => Promise<unknown>)[] = [];

/** A component whose script is loaded when it is first drawn, or when the page has time for it. */
function later<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): (props: Props) => ReactElement {
  let loaded: ComponentType<Props> | undefined;
  const loadOnce = async () => {
    loaded = await load();
    return { default: loaded };
  };
  const Lazy: ComponentType<Props> = lazy(loadOnce);
  parts.push(loadOnce);
  // What is loaded is drawn at once: a lazy component would give way to a blank first.
  return function Later(props) {
    const [Part] = useState(() => loaded ?? Lazy);
    return <Part {...props} />;
  };
}

// The window opens on the overview: what that does not need would only hold its first rows back.
export const ContainerScreen = later(async () => {
  const { ContainerScreen } = await import('../features/container/container-screen.tsx');
  return ContainerScreen;
});
export const EgressScreen = later(async () => {
  const { EgressScreen } = await import('../features/egress/egress-screen.tsx');
  return EgressScreen;
});
export const Findings = later(async () => {
  const { Findings } = await import('../features/findings/findings.tsx');
  return Findings;
});
export const PolicyScreen = later(async () => {
  const { PolicyScreen } = await import('../features/policy/policy-screen.tsx');
  return PolicyScreen;
});
export const Settings = later(async () => {
  const { Settings } = await import('../features/settings/settings.tsx');
  return Settings;
});
export const Guide = later(async () => {
  const { Guide } = await import('../features/guide/guide.tsx');
  return Guide;
});
export const DeedQuestion = later(async () => {
  const { DeedQuestion } = await import('./deed-question.tsx');
  return DeedQuestion;
});
export const ObserveQuestion = later(async () => {
  const { ObserveQuestion } = await import('./observe-question.tsx');
  return ObserveQuestion;
});
export const LiftQuestion = later(async () => {
  const { LiftQuestion } = await import('./lift-question.tsx');
  return LiftQuestion;
});
export const DemonstrationQuestion = later(async () => {
  const { DemonstrationQuestion } = await import('./demonstration-question.tsx');
  return DemonstrationQuestion;
});
export const ShortcutList = later(async () => {
  const { ShortcutList } = await import('./shortcut-list.tsx');
  return ShortcutList;
});

/** Loads the rest once the page has nothing better to do, so that no screen has to be waited for. */
export function loadTheRest(): void {
  requestIdleCallback(() => void Promise.allSettled(parts.map((load) => load())));
}

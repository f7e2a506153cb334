import type { ContainerId } from './model.ts';

/** Which screen is shown, and of what. */
export type Route =
  | { readonly screen: 'overview' }
  | { readonly screen: 'container'; readonly container: ContainerId }
  | { readonly screen: 'findings'; readonly finding: string | undefined }
  | { readonly screen: 'egress'; readonly container: ContainerId | undefined }
  | { readonly screen: 'policy' }
  | { readonly screen: 'settings' }
  | { readonly screen: 'guide' };

/** The entry of the navigation that a route belongs to. */
export type Section = 'overview' | 'findings' | 'egress' | 'policy' | 'settings' | 'guide';

/** Where in the navigation a route is found. */
export function sectionOf(route: Route): Section {
  return route.screen === 'container' ? 'overview' : route.screen;
}

/** Whether both show the same. */
export function sameRoute(one: Route, other: Route): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

import { isMap, isScalar, parseDocument, stringify } from 'yaml';
import type { WorkloadPatterns, WorkloadSelector } from '../model/selector.ts';
import { loadPolicy } from './load.ts';
import type { Policy } from './policy.ts';
import type { PolicyProblem } from './problem.ts';

type Edited =
  | { readonly ok: true; readonly value: string }
  /** The text as it was is broken (`before`), or it would be with this selection. */
  | {
      readonly ok: false;
      readonly error: { readonly before: boolean; readonly problems: readonly PolicyProblem[] };
    };

/**
 * The policy's text with another `watch`. Only that key is touched, so that comments and layout
 * elsewhere stay; in a layout where that cannot be done, the layout becomes the YAML writer's. The
 * result is read again: it watches what was asked for, and is otherwise the policy it was.
 */
export function withWatch(text: string, selection: WorkloadSelector): Edited {
  const before = loadPolicy(text);
  if (!before.ok) return { ok: false, error: { before: true, problems: before.error } };
  const wanted = watchOf(selection);
  let problems: readonly PolicyProblem[] = [];
  for (const candidate of [patched(text, wanted), rewritten(text, wanted)]) {
    const loaded = loadPolicy(candidate);
    if (!loaded.ok) problems = loaded.error;
    else if (isMeant(loaded.value.policy, before.value.policy, selection)) {
      return { ok: true, value: candidate };
    }
  }
  return { ok: false, error: { before: false, problems } };
}

function isMeant(after: Policy, before: Policy, selection: WorkloadSelector): boolean {
  // The lines of the rules may have moved.
  const rest = (policy: Policy) =>
    JSON.stringify({ ...policy, watch: undefined }, (key, value: unknown) =>
      key === 'line' ? undefined : value,
    );
  return (
    JSON.stringify(watchOf(after.watch)) === JSON.stringify(watchOf(selection)) &&
    rest(after) === rest(before)
  );
}

/** As the policy writes it: without what narrows nothing. Undefined when nothing does. */
function watchOf({ exclude, ...only }: WorkloadSelector): object | undefined {
  const narrowed = { ...patternsOf(only) };
  const left = patternsOf(exclude);
  const watch = Object.keys(left).length === 0 ? narrowed : { ...narrowed, exclude: left };
  return Object.keys(watch).length === 0 ? undefined : watch;
}

function patternsOf({ names, images, composeProjects, labels }: WorkloadPatterns): object {
  return {
    ...(names.length === 0 ? {} : { names }),
    ...(images.length === 0 ? {} : { images }),
    ...(composeProjects.length === 0 ? {} : { composeProjects }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
  };
}

/** Puts the key in the place of the old one, or below `version`. */
function patched(text: string, watch: object | undefined): string {
  const root = parseDocument(text, { version: '1.2', schema: 'core', logLevel: 'error' }).contents;
  if (!isMap(root)) return text;
  const rangeOf = (name: string): readonly [number, number] | undefined => {
    const pair = root.items.find(({ key }) => isScalar(key) && key.value === name);
    const [from] = (isScalar(pair?.key) ? pair.key.range : undefined) ?? [];
    const value = pair?.value as { readonly range?: readonly number[] } | null | undefined;
    const to = value?.range?.[1];
    return from === undefined || to === undefined ? undefined : [from, to];
  };
  const written = watch === undefined ? '' : stringify({ watch }, { lineWidth: 0 });
  const present = rangeOf('watch');
  if (present !== undefined) {
    const [from, to] = present;
    const after = text.slice(to);
    return text.slice(0, from) + written + after.replace(/^[ \t]*\r?\n/, '');
  }
  const version = rangeOf('version');
  if (version === undefined || written === '') return text;
  const end = text.indexOf('\n', version[1]);
  const at = end === -1 ? text.length : end + 1;
  return `${text.slice(0, at)}${end === -1 ? '\n' : ''}${written}${text.slice(at)}`;
}

function rewritten(text: string, watch: object | undefined): string {
  const document = parseDocument(text, { version: '1.2', schema: 'core', logLevel: 'error' });
  if (watch === undefined) document.delete('watch');
  else document.set('watch', document.createNode(watch));
  return document.toString({ lineWidth: 0 });
}

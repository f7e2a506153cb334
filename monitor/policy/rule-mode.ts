import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Document, Node, Pair, YAMLMap } from 'yaml';
import type { PolicyMode } from '../model/decision.ts';
import { loadPolicy } from './load.ts';
import type { Policy } from './policy.ts';
import type { PolicyProblem } from './problem.ts';

/** Why a mode was not changed. */
export type ModeFailure =
  | { readonly kind: 'broken'; readonly problems: readonly PolicyProblem[] }
  | { readonly kind: 'unknown-rule' };

type Edited =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly error: ModeFailure };

/** A piece of text to be put in the place of another. */
interface Patch {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/**
 * The policy's text with another mode: of one rule, or of the policy and of every rule that has a
 * mode of its own. Only the words that change are touched, so that comments and layout stay; in a
 * layout where that cannot be done, comments stay and the layout becomes the YAML writer's. The
 * result is read again: it loads, and its modes are as asked.
 */
export function withMode(text: string, rule: string | undefined, mode: PolicyMode): Edited {
  const before = loadPolicy(text);
  if (!before.ok) return { ok: false, error: { kind: 'broken', problems: before.error } };
  const { rules } = before.value.policy;
  const index = rules.findIndex(({ name }) => name === rule);
  if (rule !== undefined && index === -1) return { ok: false, error: { kind: 'unknown-rule' } };
  const isMeant = (policy: Policy): boolean =>
    policy.rules.length === rules.length &&
    (rule === undefined
      ? policy.mode === mode && policy.rules.every((each) => each.mode === mode)
      : policy.mode === before.value.policy.mode &&
        policy.rules.every((each, at) => each.mode === (at === index ? mode : rules[at]?.mode)));

  const document = parseDocument(text, { version: '1.2', schema: 'core', logLevel: 'error' });
  const maps = mapsToChange(document, rule === undefined ? undefined : index);
  const patched = applyPatches(
    text,
    maps.flatMap((map) => patchFor(text, map, mode) ?? []),
  );
  for (const candidate of [() => patched, () => rewritten(document, maps, mode)]) {
    const edited = candidate();
    const loaded = loadPolicy(edited);
    if (loaded.ok && isMeant(loaded.value.policy)) return { ok: true, value: edited };
  }
  // A text that loads has a map at its root and one for each rule, so that the writer can set a key.
  throw new Error('The mode could not be written into the policy.');
}

/** The policy's own map first (when all are meant), then those of rules, in their order. */
function mapsToChange(document: Document.Parsed, index: number | undefined): readonly YAMLMap[] {
  const root = document.contents;
  if (!isMap(root)) return [];
  const list = root.get('rules', true);
  const rules: readonly unknown[] = isSeq(list) ? list.items : [];
  if (index !== undefined) return [rules[index]].filter((rule) => isMap(rule));
  return [root, ...rules.filter((rule) => isMap(rule)).filter((rule) => rule.has('mode'))];
}

/** Undefined where the words to be changed cannot be told apart from the rest. */
function patchFor(text: string, map: YAMLMap, mode: PolicyMode): Patch | undefined {
  const value = rangeOf(map.get('mode', true));
  if (value !== undefined) return { from: value[0], to: value[1], text: mode };
  const neighbour = map.items.find(
    ({ key }: Pair) => isScalar(key) && (key.value === 'name' || key.value === 'version'),
  );
  const key = rangeOf(neighbour?.key);
  const end = rangeOf(neighbour?.value)?.[1];
  if (key === undefined || end === undefined) return undefined;
  if (map.flow === true) return { from: end, to: end, text: `, mode: ${mode}` };
  const lineEnd = text.indexOf('\n', end);
  const at = lineEnd === -1 ? text.length : lineEnd;
  const indent = ' '.repeat(key[0] - (text.lastIndexOf('\n', key[0] - 1) + 1));
  // A file from Windows keeps its line ends.
  const isWindows = text.charAt(at - 1) === '\r';
  return isWindows
    ? { from: at - 1, to: at - 1, text: `\r\n${indent}mode: ${mode}` }
    : { from: at, to: at, text: `\n${indent}mode: ${mode}` };
}

function rangeOf(node: unknown): NonNullable<Node['range']> | undefined {
  return (node as Node | null | undefined)?.range ?? undefined;
}

/** From the last to the first, so that the places of the others hold. */
function applyPatches(text: string, patches: readonly Patch[]): string {
  return patches
    .toSorted((one, other) => other.from - one.from)
    .reduce(
      (result, { from, to, text: put }) => result.slice(0, from) + put + result.slice(to),
      text,
    );
}

function rewritten(document: Document.Parsed, maps: readonly YAMLMap[], mode: PolicyMode): string {
  for (const map of maps) map.set('mode', mode);
  return document.toString({ lineWidth: 0 });
}

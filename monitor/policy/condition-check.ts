import type { ASTNode } from '@marcbachmann/cel-js';
import { findingKinds } from '../model/finding.ts';
import { didYouMean } from './suggestion.ts';

/** What is wrong with a condition, and at which character of its text. */
export interface ConditionFault {
  readonly offset: number;
  readonly message: string;
}

/** All of these take time linear in the texts they are given; CEL's own `matches` does not. */
const functions = ['has', 'size', 'like', 'startsWith', 'endsWith', 'contains', 'lowerAscii'];

/** Fields that only ever hold one of a few words. */
const words: Readonly<Record<string, readonly string[]>> = {
  'finding.kind': findingKinds,
  'workload.network': ['own', 'host', 'none', 'shared'],
};

/**
 * The first thing in a parsed condition that the type check does not see: functions that are not
 * offered here, and comparisons with a word that the field never holds, which would silently never
 * be true.
 */
export function findFault(node: ASTNode): ConditionFault | undefined {
  const own = faultOf(node);
  if (own !== undefined) return own;
  for (const child of childrenOf(node)) {
    const found = findFault(child);
    if (found !== undefined) return found;
  }
  return undefined;
}

function faultOf(node: ASTNode): ConditionFault | undefined {
  switch (node.op) {
    case 'call':
    case 'rcall':
      return functionFault(node.args[0], node.start);
    case '==':
    case '!=':
    case 'in':
      return wordFault(node.args[0], node.args[1]) ?? wordFault(node.args[1], node.args[0]);
    case 'map':
    case '.?':
    case '[?]':
      return { offset: node.start, message: 'This form is not offered in conditions.' };
    default:
      return undefined;
  }
}

function functionFault(name: string, offset: number): ConditionFault | undefined {
  if (functions.includes(name)) return undefined;
  const instead =
    name === 'matches' || name === 'glob'
      ? ' Use like() with * and ?: workload.name.like("agent-*").'
      : didYouMean(name, functions) || ` There are ${functions.join(', ')}.`;
  return { offset, message: `There is no function "${name}" in conditions.${instead}` };
}

function wordFault(field: ASTNode, other: ASTNode): ConditionFault | undefined {
  const name = fieldName(field);
  const known = name === undefined ? undefined : words[name];
  if (name === undefined || known === undefined) return undefined;
  const literals = other.op === 'list' ? other.args : [other];
  for (const literal of literals) {
    if (literal.op !== 'value' || typeof literal.args !== 'string') continue;
    if (known.includes(literal.args)) continue;
    const hint = didYouMean(literal.args, known) || ` It is one of ${known.join(', ')}.`;
    return {
      offset: literal.start,
      message: `${name} is never ${JSON.stringify(literal.args)}.${hint}`,
    };
  }
  return undefined;
}

function fieldName(node: ASTNode): string | undefined {
  if (node.op !== '.') return undefined;
  const [owner, field] = node.args;
  return owner.op === 'id' ? `${owner.args}.${field}` : undefined;
}

function childrenOf(node: ASTNode): readonly ASTNode[] {
  return nodesIn(node.args);
}

/** A node's operands are nodes, texts, and lists of them. */
function nodesIn(value: unknown): readonly ASTNode[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  return isNode(value) ? [value] : [];
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

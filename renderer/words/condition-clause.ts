import type { ASTNode } from '@marcbachmann/cel-js';
import { exactSpan } from '../format/duration.ts';
import { kindName } from '../state/finding-list.ts';
import { severities, type Severity } from '../state/model.ts';

/** A piece of a sentence: plain words, a name of the product, or what stands in the policy. */
export interface Piece {
  readonly as: 'words' | 'name' | 'code';
  readonly text: string;
}

/** One thing that a condition asks, and the same denied; each without its subject: `is high`. */
export interface Clause {
  readonly about: 'finding' | 'workload';
  readonly says: readonly Piece[];
  readonly denies: readonly Piece[];
  /** The label it asks the value of, which is there then, whatever the value is. */
  readonly valued?: string;
  /** The label it asks for, whatever its value. */
  readonly present?: string;
}

/** Plain words as a piece. */
export const words = (text: string): Piece => ({ as: 'words', text });

const name = (text: string): Piece => ({ as: 'name', text });

/** What one comparison says; undefined where there are no words for it. */
export function clauseOf(node: ASTNode): Clause | undefined {
  switch (node.op) {
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=': {
      const [left, right] = node.args;
      const field = fieldOf(left);
      return field === undefined
        ? comparison(fieldOf(right), mirrored[node.op], left)
        : comparison(field, node.op, right);
    }
    case 'in':
      return membership(node.args[0], node.args[1]);
    case 'rcall':
      return pattern(node.args[0], fieldOf(node.args[1]), node.args[2]);
    case '.':
      return limit(fieldOf(node));
    default:
      return undefined;
  }
}

type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';

const mirrored: Readonly<Record<Comparison, Comparison>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

/** `finding.kind`, `workload.labels["team"]` as `workload.labels` with a key. */
interface Field {
  readonly path: string;
  readonly key?: string;
}

function fieldOf(node: ASTNode): Field | undefined {
  if (node.op === '[]') {
    const [owner, index] = node.args;
    const [path, key] = [fieldOf(owner)?.path, textOf(index)];
    return path === 'workload.labels' && key !== undefined ? { path, key } : undefined;
  }
  if (node.op !== '.') return undefined;
  const [owner, field] = node.args;
  return owner.op === 'id' ? { path: `${owner.args}.${field}` } : undefined;
}

function textOf(node: ASTNode | undefined): string | undefined {
  return node?.op === 'value' && typeof node.args === 'string' ? node.args : undefined;
}

function severityOf(node: ASTNode): Severity | undefined {
  return node.op === 'id' ? severities.find((severity) => severity === node.args) : undefined;
}

function comparison(field: Field | undefined, sign: Comparison, to: ASTNode): Clause | undefined {
  if (field === undefined) return undefined;
  if (field.path === 'finding.severity') {
    const severity = severityOf(to);
    return severity === undefined ? undefined : severityClause(holding(sign, severity));
  }
  if (field.path === 'finding.age') return ageClause(sign, to);
  const text = textOf(to);
  if (text === undefined || (sign !== '==' && sign !== '!=')) return undefined;
  const clause = equality(field, text);
  return sign === '==' || clause === undefined ? clause : denied(clause);
}

/** The contrary of a clause. */
export function denied({ about, says, denies, valued }: Clause): Clause {
  return { about, says: denies, denies: says, ...(valued === undefined ? {} : { valued }) };
}

function equality({ path, key }: Field, text: string): Clause | undefined {
  if (path === 'finding.kind') return kindClause([text]);
  if (key !== undefined) {
    return {
      ...ofWorkload(
        `has the label “${key}” with the value “${text}”`,
        `has the label “${key}” with another value than “${text}”`,
      ),
      valued: key,
    };
  }
  if (path === 'workload.network') return networkClause(text);
  if (text === '' && path === 'workload.composeProject') {
    return ofWorkload('belongs to no compose project', 'belongs to a compose project');
  }
  const noun = nouns[path];
  return noun === undefined || text === ''
    ? undefined
    : ofWorkload(`has the ${noun} “${text}”`, `has another ${noun} than “${text}”`);
}

/** What a text of the workload is called. */
const nouns: Readonly<Record<string, string>> = {
  'workload.name': 'name',
  'workload.image': 'image',
  'workload.composeProject': 'compose project',
  'workload.composeService': 'compose service',
  'workload.runtime': 'runtime',
};

function ofWorkload(says: string, denies: string): Clause {
  return { about: 'workload', says: [words(says)], denies: [words(denies)] };
}

function networkClause(kind: string): Clause | undefined {
  switch (kind) {
    case 'own':
      return ofWorkload('has networks of its own', 'has no networks of its own');
    case 'host':
      return ofWorkload('uses the host’s network', 'does not use the host’s network');
    case 'none':
      return ofWorkload('has no network', 'has a network');
    case 'shared':
      return ofWorkload(
        'shares the network of another container',
        'does not share the network of another container',
      );
    default:
      return undefined;
  }
}

const limits: Readonly<Record<string, string>> = {
  'workload.memoryLimited': 'memory',
  'workload.cpuLimited': 'CPU',
  'workload.pidsLimited': 'processes',
};

function limit(field: Field | undefined): Clause | undefined {
  const of = limits[field?.path ?? ''];
  return of === undefined
    ? undefined
    : ofWorkload(`has a limit of ${of} of its own`, `has no limit of ${of} of its own`);
}

const fits: Readonly<Record<string, readonly [says: string, denies: string]>> = {
  like: ['like', 'not like'],
  startsWith: ['that begins with', 'that does not begin with'],
  endsWith: ['that ends in', 'that does not end in'],
  contains: ['with', 'without'],
};

function pattern(
  method: string,
  field: Field | undefined,
  operands: readonly ASTNode[],
): Clause | undefined {
  const [noun, fit, text] = [nouns[field?.path ?? ''], fits[method], textOf(operands[0])];
  if (noun === undefined || fit === undefined || text === undefined) return undefined;
  const of = (how: string) => `has a ${noun} ${how} “${text}”`.replace('a image', 'an image');
  return ofWorkload(of(fit[0]), of(fit[1]));
}

function membership(one: ASTNode, list: ASTNode): Clause | undefined {
  const field = fieldOf(one);
  if (field?.path === 'finding.severity' && list.op === 'list') {
    const named = list.args.map(severityOf);
    return named.includes(undefined) ? undefined : severityClause(new Set(named));
  }
  if (field?.path === 'finding.kind' && list.op === 'list') {
    const kinds = list.args.map(textOf).filter((kind) => kind !== undefined);
    return kinds.length === list.args.length ? kindClause(kinds) : undefined;
  }
  const key = textOf(one);
  return key !== undefined && fieldOf(list)?.path === 'workload.labels'
    ? { ...ofWorkload(`has the label “${key}”`, `has no label “${key}”`), present: key }
    : undefined;
}

/** The severities that stand in this relation to one of them. */
function holding(sign: Comparison, to: Severity): ReadonlySet<Severity | undefined> {
  const limitRank = severities.indexOf(to);
  const holds: Readonly<Record<Comparison, (rank: number) => boolean>> = {
    '==': (rank) => rank === limitRank,
    '!=': (rank) => rank !== limitRank,
    '<': (rank) => rank < limitRank,
    '<=': (rank) => rank <= limitRank,
    '>': (rank) => rank > limitRank,
    '>=': (rank) => rank >= limitRank,
  };
  return new Set(severities.filter((_, rank) => holds[sign](rank)));
}

function severityClause(holds: ReadonlySet<Severity | undefined>): Clause | undefined {
  const says = severityPieces(severities.filter((severity) => holds.has(severity)));
  const denies = severityPieces(severities.filter((severity) => !holds.has(severity)));
  return says === undefined || denies === undefined
    ? undefined
    : { about: 'finding', says, denies };
}

/** These severities, in rising order, as words; undefined for all and for none of them. */
function severityPieces(of: readonly Severity[]): readonly Piece[] | undefined {
  const [first, last] = [of[0], of.at(-1)];
  if (first === undefined || last === undefined || of.length === severities.length) {
    return undefined;
  }
  if (of.length === 1) return [words('is '), name(first)];
  const isUnbroken = severities.indexOf(last) - severities.indexOf(first) === of.length - 1;
  if (isUnbroken && last === severities.at(-1))
    return [words('is '), name(first), words(' or worse')];
  if (isUnbroken && first === severities[0]) return [words('is at most '), name(last)];
  return [words('is '), ...listed(of, 'or')];
}

function kindClause(kinds: readonly string[]): Clause | undefined {
  if (kinds.length === 0) return undefined;
  const names = kinds.map(kindName);
  const isOne = kinds.length === 1;
  return {
    about: 'finding',
    says: [words(isOne ? 'is ' : 'is one of '), ...listed(names, 'or')],
    denies: [words(isOne ? 'is not ' : 'is none of '), ...listed(names, 'and')],
  };
}

/** `a`, `a or b`, `a, b or c`. */
function listed(names: readonly string[], joint: 'or' | 'and'): readonly Piece[] {
  return names.flatMap((text, index): readonly Piece[] => {
    if (index === 0) return [name(text)];
    return [words(index === names.length - 1 ? ` ${joint} ` : ', '), name(text)];
  });
}

/** How long it has lasted; `finding.age` is in seconds. */
function ageClause(sign: Comparison, to: ASTNode): Clause | undefined {
  if (to.op !== 'value' || (typeof to.args !== 'bigint' && typeof to.args !== 'number')) {
    return undefined;
  }
  const milliseconds = Number(to.args) * 1000;
  // What no span says exactly is not said.
  const isExact = Math.abs(milliseconds - Math.round(milliseconds)) < 1e-6;
  if (!(milliseconds >= 0 && milliseconds < 1e14 && isExact)) return undefined;
  const span = exactSpan(milliseconds);
  const says: Readonly<Partial<Record<Comparison, string>>> = {
    '>': `has lasted for more than ${span}`,
    '>=': `has lasted for at least ${span}`,
    '<': `has lasted for less than ${span}`,
    '<=': `has lasted for at most ${span}`,
  };
  const opposite = { '>': '<=', '>=': '<', '<': '>=', '<=': '>' } as const;
  if (sign === '==' || sign === '!=') return undefined;
  const [yes, no] = [says[sign], says[opposite[sign]]];
  if (yes === undefined || no === undefined) return undefined;
  return { about: 'finding', says: [words(yes)], denies: [words(no)] };
}

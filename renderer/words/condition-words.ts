import { parse, serialize, type ASTNode } from '@marcbachmann/cel-js';
import { clauseOf, denied, words, type Clause, type Piece } from './condition-clause.ts';

/** A rule whose condition others may refer to by its name. */
export interface NamedCondition {
  readonly name: string;
  readonly condition: string;
}

/**
 * A condition of the policy as the end of a sentence that begins with "when": `a finding is high or
 * worse and is one of Fork bomb or Network flood`. It is read by the same parser as in the monitor.
 * What there are no words for stands in it as it is written; what excepts all that another rule asks
 * for names that rule.
 */
export function conditionWords(
  text: string,
  others: readonly NamedCondition[] = [],
): readonly Piece[] {
  const condition = parsed(text);
  if (condition === undefined) return [code(text)];
  if (condition.op === 'value' && condition.args === true) return [words('anything is found')];
  const terms = conjunctsOf(condition, true).map((part) => termOf(part, others));
  const unsaid = terms.flatMap((term) => (term.kind === 'unsaid' ? [code(term.text)] : []));
  if (unsaid.length === terms.length) return [code(text.trim())];
  const either = terms.flatMap((term) => (term.kind === 'either' ? [term.clause] : []));
  // Two choices in one sentence could be read in more than one way.
  if (either.length > 1) return [code(text.trim())];
  const said = terms.flatMap((term) => (term.kind === 'said' ? [term.clause] : []));
  const excepted = terms.flatMap((term) => (term.kind === 'except' ? [term.says] : []));
  return joined(
    [
      whenWords([...said, ...either]),
      ...unsaid.map((piece) => [words('and '), piece]),
      ...excepted.map((says, index) => [words(index === 0 ? 'unless ' : 'and unless '), ...says]),
    ],
    ', ',
  );
}

function parsed(text: string): ASTNode | undefined {
  try {
    return parse(text).ast;
  } catch {
    return undefined;
  }
}

/** Something that has to hold, or has to not hold. */
interface Part {
  readonly node: ASTNode;
  readonly holds: boolean;
}

/** What must all be so for the node to hold, or not to hold. */
function conjunctsOf(node: ASTNode, holds: boolean): readonly Part[] {
  if (node.op === '!_') return conjunctsOf(node.args, !holds);
  if (node.op === (holds ? '&&' : '||')) {
    return (node.args as readonly ASTNode[]).flatMap((part) => conjunctsOf(part, holds));
  }
  return [{ node, holds }];
}

/** A part of a condition as it can be said. */
type Term =
  | { readonly kind: 'said'; readonly clause: Clause }
  /** One of several suffices. */
  | { readonly kind: 'either'; readonly clause: Clause }
  /** It must not be that `says`. */
  | { readonly kind: 'except'; readonly says: readonly Piece[] }
  | { readonly kind: 'unsaid'; readonly text: string };

function termOf({ node, holds }: Part, others: readonly NamedCondition[]): Term {
  const clause = clauseOf(node);
  if (clause !== undefined) return { kind: 'said', clause: holds ? clause : denied(clause) };
  if (node.op === '&&' || node.op === '||') {
    const term = holds ? choiceOf(node) : exceptionOf(node, others);
    if (term !== undefined) return term;
  }
  const source = node.input.slice(node.start, node.end);
  return { kind: 'unsaid', text: holds ? source : `!(${source})` };
}

/** That one of several holds, where they speak of one thing. */
function choiceOf(node: ASTNode): Term | undefined {
  const choices = clausesOf(
    conjunctsOf(node, false).map((part) => ({ ...part, holds: !part.holds })),
  );
  const about = choices?.[0]?.about;
  if (choices === undefined || about === undefined) return undefined;
  if (choices.some((choice) => choice.about !== about)) return undefined;
  const says = joined(
    choices.map((choice) => choice.says),
    ', or ',
  );
  return { kind: 'either', clause: { about, says: [words('either '), ...says], denies: [] } };
}

/** That not all of it holds: by the name of the rule that asks for the same, or in full. */
function exceptionOf(node: ASTNode, others: readonly NamedCondition[]): Term | undefined {
  const asked = serialize(node);
  const other = others.find(({ condition }) => {
    const root = parsed(condition);
    return root !== undefined && serialize(root) === asked;
  });
  if (other !== undefined) {
    return { kind: 'except', says: [words('it is a case for '), { as: 'name', text: other.name }] };
  }
  const clauses = clausesOf(conjunctsOf(node, true));
  return clauses === undefined ? undefined : { kind: 'except', says: caseWords(clauses) };
}

/** The parts as clauses, if there are words for each of them. */
function clausesOf(parts: readonly Part[]): readonly Clause[] | undefined {
  const clauses = parts.map(({ node, holds }) => {
    const clause = clauseOf(node);
    return holds || clause === undefined ? clause : denied(clause);
  });
  const said = clauses.filter((clause) => clause !== undefined);
  return said.length === clauses.length ? said : undefined;
}

function whenWords(clauses: readonly Clause[]): readonly Piece[] {
  const { finding, workload } = byTopic(clauses);
  if (workload.length === 0) {
    return finding.length === 0 ? [words('anything is found')] : [words('a finding '), ...finding];
  }
  return finding.length === 0
    ? [words('anything is found in a workload that '), ...workload]
    : [words('a finding '), ...finding, words(' and its workload '), ...workload];
}

function caseWords(clauses: readonly Clause[]): readonly Piece[] {
  const { finding, workload } = byTopic(clauses);
  if (workload.length === 0) return [words('it '), ...finding];
  const of = [words('its workload '), ...workload];
  return finding.length === 0 ? of : [words('it '), ...finding, words(' and '), ...of];
}

function byTopic(clauses: readonly Clause[]): Readonly<Record<Clause['about'], readonly Piece[]>> {
  const of = (about: Clause['about']) =>
    joined(
      clauses
        .filter((clause) => clause.about === about)
        // Of a label whose value is asked for it goes without saying that it is there.
        .filter(
          ({ present }) =>
            !clauses.some(({ valued }) => valued !== undefined && valued === present),
        )
        .map(({ says }) => says),
      ' and ',
    );
  return { finding: of('finding'), workload: of('workload') };
}

function joined(parts: readonly (readonly Piece[])[], joint: string): readonly Piece[] {
  return parts.flatMap((pieces, index) => (index === 0 ? pieces : [words(joint), ...pieces]));
}

function code(text: string): Piece {
  return { as: 'code', text };
}

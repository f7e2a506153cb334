import { isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Document, Node, Pair, YAMLError } from 'yaml';
import { positionsIn, quoted } from './problem.ts';
import type { Loaded, PolicyProblem, Position } from './problem.ts';

const longestTextBytes = 256 * 1024;
const deepest = 16;
const mostNodes = 50_000;
const tooDeepMessage = `This is nested deeper than ${deepest} levels.`;

/** Keys and indexes from the top of the document to a value. */
export type DocumentPath = readonly PropertyKey[];

/** A YAML text as plain values, with the place of each of them. */
export interface PolicyDocument {
  readonly value: unknown;
  /** Where the value at `path` begins; where it is absent, its nearest parent. */
  readonly valueAt: (path: DocumentPath) => Position;
  /** Where the key that ends `path` stands. */
  readonly keyAt: (path: DocumentPath) => Position;
  /** Where character `offset` of the text value at `path` stands, as exactly as can be told. */
  readonly insideAt: (path: DocumentPath, offset: number) => Position;
}

interface Place {
  readonly key: number;
  readonly value: number;
  readonly node: Node | null;
}

/**
 * Reads YAML of at most 256 KB: one document of plain maps, lists and scalars. Tags, anchors and
 * aliases, repeated keys and nesting beyond 16 levels are problems, each with its line.
 */
export function readDocument(text: string): Loaded<PolicyDocument> {
  const positionOf = positionsIn(text);
  const refuse = (offset: number, message: string): Loaded<never> => ({
    ok: false,
    error: [{ ...positionOf(offset), message }],
  });
  if (utf8Bytes(text) > longestTextBytes) {
    return refuse(0, 'The policy is longer than 256 KB. Write fewer or shorter rules.');
  }
  const parsed = parse(text);
  if (parsed instanceof Error) {
    return refuse(0, `This cannot be read as YAML: ${parsed.message}.`);
  }
  // A warning of the YAML reader (an unknown tag or directive) means that it had to guess.
  const complaints = [...parsed.errors, ...parsed.warnings];
  const tooDeep = complaints.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
  if (tooDeep !== undefined) return refuse(tooDeep.pos[0], tooDeepMessage);
  if (complaints.length > 0) {
    return {
      ok: false,
      error: complaints.map((complaint) => ({
        ...positionOf(complaint.pos[0]),
        message: explain(complaint),
      })),
    };
  }
  return new Reader(text, positionOf).read(parsed);
}

/** Turns nodes into values and notes their places, within bounds. */
class Reader {
  readonly #text: string;
  readonly #positionOf: (offset: number) => Position;
  readonly #problems: PolicyProblem[] = [];
  readonly #places = new Map<string, Place>();
  #nodes = 0;

  constructor(text: string, positionOf: (offset: number) => Position) {
    this.#text = text;
    this.#positionOf = positionOf;
  }

  read(document: Document.Parsed): Loaded<PolicyDocument> {
    const value = this.#valueOf(document.contents, [], 0);
    if (this.#problems.length > 0) return { ok: false, error: this.#problems };
    const valueAt = (path: DocumentPath): Position => this.#positionOf(this.#nearest(path).value);
    return {
      ok: true,
      value: {
        value,
        valueAt,
        keyAt: (path) => this.#positionOf(this.#nearest(path).key),
        insideAt: (path, offset) =>
          this.#positionOf(this.#offsetInside(this.#nearest(path), offset)),
      },
    };
  }

  #valueOf(node: unknown, path: DocumentPath, key: number): unknown {
    const start = startOf(node) ?? key;
    this.#places.set(nameOf(path), { key, value: start, node: node as Node | null });
    this.#nodes += 1;
    if (this.#nodes > mostNodes) {
      if (this.#nodes === mostNodes + 1) this.#report(start, 'The policy has too many entries.');
      return undefined;
    }
    if (path.length > deepest) {
      this.#report(start, tooDeepMessage);
      return undefined;
    }
    if (node === null || node === undefined) return null;
    if (isAlias(node) || hasAnchor(node)) {
      this.#report(start, 'Anchors (&) and aliases (*) are not used in policies. Write it out.');
      return undefined;
    }
    if (isMap(node) || isSeq(node) || isScalar(node)) {
      if (node.tag !== undefined) {
        this.#report(
          start,
          'Tags (!) are not used in policies. Put a text that begins with ! in quotes.',
        );
        return undefined;
      }
      if (isScalar(node)) return node.value;
      if (isSeq(node))
        return node.items.map((item, index) => this.#valueOf(item, [...path, index], start));
      return this.#mapOf(node.items, path, start);
    }
    return undefined;
  }

  #mapOf(pairs: readonly Pair[], path: DocumentPath, start: number): unknown {
    // A prototype would let a key such as `__proto__` mean something else than a key.
    const result = Object.create(null) as Record<string, unknown>;
    for (const pair of pairs) {
      const at = startOf(pair.key) ?? start;
      const key = isScalar(pair.key) && !hasAnchor(pair.key) ? keyText(pair.key.value) : undefined;
      if (key === undefined || key === '__proto__') {
        this.#report(at, 'A key has to be a plain word.');
      } else if (key in result) {
        this.#report(at, `The key ${quoted(key)} is given twice.`);
      } else {
        result[key] = this.#valueOf(pair.value, [...path, key], at);
      }
    }
    return result;
  }

  #nearest(path: DocumentPath): Place {
    for (let length = path.length; length >= 0; length -= 1) {
      const place = this.#places.get(nameOf(path.slice(0, length)));
      if (place !== undefined) return place;
    }
    return { key: 0, value: 0, node: null };
  }

  #offsetInside(place: Place, offset: number): number {
    const { node } = place;
    if (!isScalar(node) || typeof node.value !== 'string' || !node.range) return place.value;
    const [start, end] = node.range;
    const source = this.#text.slice(start, end);
    // Plain and quoted text on one line stands in the source as it is, unless it has escapes.
    const direct = source.indexOf(node.value);
    if (direct !== -1 && node.value !== '') return start + direct + offset;
    if (node.type !== 'BLOCK_LITERAL') return start;
    // In a block after `|` each line of the value is a line of the source, moved in by the same.
    const before = node.value.slice(0, offset).split('\n');
    const column = before.at(-1)?.length ?? 0;
    const sourceLine = nthLineStart(this.#text, start, before.length);
    const valueLine = offset - column;
    const movedBy = indentAt(this.#text, sourceLine) - indentAt(node.value, valueLine);
    return sourceLine + Math.max(0, movedBy) + column;
  }

  #report(offset: number, message: string): void {
    this.#problems.push({ ...this.#positionOf(offset), message });
  }
}

function parse(text: string): Document.Parsed | Error {
  try {
    return parseDocument(text, {
      version: '1.2',
      schema: 'core',
      merge: false,
      // Compared here instead: the reader's own way is quadratic in the number of keys.
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'error',
    });
  } catch (error) {
    // The reader promises not to throw; the text is not ours, so a promise is not enough.
    return error instanceof Error ? error : new Error(String(error));
  }
}

function explain(complaint: YAMLError): string {
  switch (complaint.code) {
    case 'MULTIPLE_DOCS':
      return 'A policy is one document: take out the line with ---.';
    case 'TAG_RESOLVE_FAILED':
      return `${notValid(complaint)} Put a text that begins with ! in quotes.`;
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'UNEXPECTED_TOKEN':
      return `${notValid(complaint)} A condition with ": " in it, or with a quote at its start, goes on a line of its own after "when: |".`;
    default:
      return notValid(complaint);
  }
}

function notValid(complaint: YAMLError): string {
  return `This is not valid YAML: ${complaint.message}.`;
}

function startOf(node: unknown): number | undefined {
  const range = (node as Node | null | undefined)?.range;
  return range?.[0];
}

function hasAnchor(node: unknown): boolean {
  return (node as { anchor?: string }).anchor !== undefined;
}

function keyText(key: unknown): string | undefined {
  switch (typeof key) {
    case 'string':
      return key;
    case 'number':
    case 'boolean':
      return String(key);
    default:
      return undefined;
  }
}

function nameOf(path: DocumentPath): string {
  return JSON.stringify(path.map(String));
}

/** Where the `count`th line after the one with `from` begins. */
function nthLineStart(text: string, from: number, count: number): number {
  let start = from;
  for (let line = 0; line < count; line += 1) {
    const next = text.indexOf('\n', start);
    if (next === -1) return start;
    start = next + 1;
  }
  return start;
}

function indentAt(text: string, lineStart: number): number {
  let indent = 0;
  while (text[lineStart + indent] === ' ') indent += 1;
  return indent;
}

function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length && bytes <= longestTextBytes; index += 1) {
    const code = text.charCodeAt(index);
    // A surrogate is half of a character of four bytes.
    if (code >= 0xd800 && code <= 0xdfff) bytes += 1;
    else if (code >= 0x800) bytes += 2;
    else if (code >= 0x80) bytes += 1;
  }
  return bytes;
}

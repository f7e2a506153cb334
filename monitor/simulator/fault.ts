import * as z from 'zod';
import type { Operation } from './operation.ts';

/** How an answer is spoiled. */
export type GarbageForm = 'bad-json' | 'wrong-types' | 'missing-fields';

/** What goes wrong with the engine itself. */
export type Fault =
  /** Accepts and never answers; open streams fall silent without closing. */
  | { readonly kind: 'stall' }
  /** Answers after so many real milliseconds. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  | { readonly kind: 'garbage'; readonly form: GarbageForm }
  /** Answers with an error and does nothing. */
  | { readonly kind: 'refuse'; readonly status: number; readonly message: string }
  /** Says that it was done, and does nothing. For actions. */
  | { readonly kind: 'pretend' }
  /** Cuts the connection in place of an answer, or of a stream's next line. */
  | { readonly kind: 'cut' };

export type FaultRequest = Fault & {
  /** Calls it befalls; all when not given. */
  readonly operations?: readonly Operation[];
  /** Name of the one container it befalls. */
  readonly container?: string;
  /** How many answers (lines, in a stream) it befalls; without end when not given. */
  readonly times?: number;
};

interface Injected {
  readonly request: FaultRequest;
  left: number;
}

/** The faults in force. */
export class Faults {
  readonly #injected: Injected[] = [];

  /** Puts a fault in force; the returned function takes it away again. */
  inject(request: FaultRequest): () => void {
    const injected = { request, left: request.times ?? Infinity };
    this.#injected.push(injected);
    return () => {
      injected.left = 0;
    };
  }

  clear(): void {
    this.#injected.length = 0;
  }

  /** The fault that befalls this answer, if it is of the kinds that can; counts it. */
  take(
    operation: Operation,
    container: string | undefined,
    kinds: readonly Fault['kind'][],
  ): Fault | undefined {
    if (this.#injected.length === 0) return undefined;
    const found = this.#injected.find(
      ({ request, left }) =>
        left > 0 &&
        kinds.includes(request.kind) &&
        (request.operations?.includes(operation) ?? true) &&
        (request.container === undefined || request.container === container),
    );
    if (found === undefined) return undefined;
    found.left -= 1;
    return found.request;
  }
}

const anything = z.json();
type Json = z.infer<typeof anything>;

/** Spoils a text of JSON; the newline at its end stays. */
export function spoil(text: string, form: GarbageForm): string {
  if (form === 'bad-json') return `${text.trimEnd().slice(0, Math.floor(text.length / 2))}}{\n`;
  const value = anything.parse(JSON.parse(text));
  const spoilOne = form === 'wrong-types' ? otherType : firstFieldOnly;
  const spoiled = Array.isArray(value) ? value.map(spoilOne) : spoilOne(value);
  return `${JSON.stringify(spoiled)}\n`;
}

function otherType(value: Json): Json {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return 17;
  const entries = Object.entries(value).map(([name, member]): [string, Json] => {
    if (typeof member === 'number') return [name, 'many'];
    return [name, typeof member === 'string' ? 17 : 'nothing'];
  });
  return Object.fromEntries(entries);
}

function firstFieldOnly(value: Json): Json {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null;
  return Object.fromEntries(Object.entries(value).slice(0, 1));
}

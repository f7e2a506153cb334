import type { Container } from './container.ts';

export type Found =
  | { readonly kind: 'found'; readonly container: Container }
  | { readonly kind: 'ambiguous' }
  | { readonly kind: 'missing' };

/** Every container of an engine, stopped ones too. */
export class Containers {
  readonly #byId = new Map<string, Container>();
  readonly #byName = new Map<string, Container>();

  /** @throws {Error} when the name is taken: plans must not have two containers of a name. */
  add(container: Container): void {
    if (this.#byName.has(container.plan.name)) {
      throw new Error(`Two containers are called ${container.plan.name}.`);
    }
    this.#byId.set(container.id, container);
    this.#byName.set(container.plan.name, container);
  }

  remove(container: Container): void {
    this.#byId.delete(container.id);
    this.#byName.delete(container.plan.name);
  }

  named(name: string): Container | undefined {
    return this.#byName.get(name);
  }

  has(container: Container): boolean {
    return this.#byId.has(container.id);
  }

  /** As Docker looks it up: by full id, by name, by the beginning of an id. */
  find(reference: string): Found {
    const exact = this.#byId.get(reference) ?? this.#byName.get(reference.replace(/^\//, ''));
    if (exact !== undefined) return { kind: 'found', container: exact };
    if (!/^[0-9a-f]{1,63}$/.test(reference)) return { kind: 'missing' };
    let match: Container | undefined;
    for (const [id, container] of this.#byId) {
      if (!id.startsWith(reference)) continue;
      if (match !== undefined) return { kind: 'ambiguous' };
      match = container;
    }
    return match === undefined ? { kind: 'missing' } : { kind: 'found', container: match };
  }

  /** In the order in which they were made. */
  all(): IterableIterator<Container> {
    return this.#byId.values();
  }

  get count(): number {
    return this.#byId.size;
  }
}

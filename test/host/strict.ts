/** What asks for a member without meaning to use it: `await`, printing, comparing. */
const askedByOthers = new Set([
  ...['then', 'catch', 'toJSON', 'constructor', 'nodeType', 'asymmetricMatch', '$$typeof'],
  ...['_isMockFunction', 'tagName', '@@__IMMUTABLE_ITERABLE__@@', '@@__IMMUTABLE_RECORD__@@'],
]);

/**
 * The object itself, but a member that it has not throws when it is read or set: what the stand-in
 * does not do, it says, so that no test passes on a silence of it.
 */
export function strict<Type extends object>(name: string, target: Type): Type {
  const missing = (property: string): Error =>
    new Error(`stand-in: ${name}.${property} is not implemented`);
  return new Proxy(target, {
    get(object, property) {
      if (typeof property === 'symbol' || property in object || askedByOthers.has(property)) {
        const value: unknown = Reflect.get(object, property, object);
        if (typeof value !== 'function' || isClass(value)) return value;
        return (value as (...values: unknown[]) => unknown).bind(object);
      }
      throw missing(property);
    },
    set(object, property, value) {
      if (typeof property === 'symbol' || property in object) {
        return Reflect.set(object, property, value, object);
      }
      throw missing(property);
    },
  });
}

function isClass(value: unknown): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

/** An event of Electron's, with the one thing its listeners may do to it. */
export interface HostEvent {
  readonly defaultPrevented: boolean;
  preventDefault(): void;
}

/** An event that can be kept from having its effect. */
export function preventable<Details extends object>(details?: Details): HostEvent & Details {
  let prevented = false;
  return {
    ...(details as Details),
    get defaultPrevented() {
      return prevented;
    },
    preventDefault() {
      prevented = true;
    },
  };
}

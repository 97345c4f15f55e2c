import { nearest } from "./nearest.ts";
import type { View } from "./spec.ts";

/**
 * Refuses to write to a property that a view does not have: a misspelt name would make a property of the view's own, and
 * the kernel side would never see it. It is the prototype of the classes of views, so that only names get here which the
 * class does not have, and the others cost nothing.
 */
const refusing: ProxyHandler<object> = {
  set(_target, key, value, view: object) {
    // The runtime's own, such as `$end` of a section that was made larger.
    if (typeof key === "symbol" || key.startsWith("$"))
      return Reflect.defineProperty(view, key, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    throw new TypeError(noProperty(view.constructor.name, key, propertiesOf(view)));
  },
};

const SEALED = new Proxy(Object.create(Object.prototype) as object, refusing);

/**
 * Makes assignments to properties that a class of views does not have throw a `TypeError` which names the nearest one.
 *
 * @returns the class
 */
export function sealed<C extends new (...args: never[]) => View>(type: C): C {
  if (Object.getPrototypeOf(type.prototype) === Object.prototype)
    Object.setPrototypeOf(type.prototype, SEALED);
  return type;
}

/**
 * An object of named parts, such as a skeleton's `links`, whose assignments to other names throw a `TypeError` as those of
 * views do.
 *
 * @param parts - the object with all of its names
 * @param of - what it is called in the message
 */
export function sealedParts<T extends object>(parts: T, of: string): T {
  return new Proxy(parts, {
    set(target, key, value) {
      if (!Object.hasOwn(target, key)) throw new TypeError(noProperty(of, String(key), Object.keys(target)));
      return Reflect.set(target, key, value);
    },
  });
}

function propertiesOf(view: object): string[] {
  return Object.getOwnPropertyNames(Object.getPrototypeOf(view)).filter((name) => name !== "constructor");
}

function noProperty(of: string, name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
  return `${of} has no property ${name}${hint}`;
}

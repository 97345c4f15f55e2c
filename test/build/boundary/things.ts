import { CALLS, INTERNAL } from "./calls.ts";

/** Something of the runtime that an app holds, under the name by which it is reported. */
export interface Thing {
  readonly name: string;
  readonly object: object;
}

export interface Member {
  /** The class that declares it, and its name: what `covered` counts. */
  readonly id: string;
  readonly kind: "getter" | "method";
  readonly key: string | symbol;
  /** What frees the thing is called last. */
  readonly ends: boolean;
}

const ENDS: ReadonlySet<string | symbol> = new Set([
  "destroy",
  "close",
  "detach",
  "disconnect",
  Symbol.dispose,
]);

/** Every public member of the thing, of all its classes, those that end it last. */
export function membersOf(object: object): Member[] {
  const found = new Map<string | symbol, Member>();
  for (
    let prototype = Object.getPrototypeOf(object) as object;
    prototype !== Object.prototype && prototype !== null;
    prototype = Object.getPrototypeOf(prototype) as object
  ) {
    for (const member of declaredBy(prototype)) if (!found.has(member.key)) found.set(member.key, member);
  }
  return [...found.values()].sort((a, b) => Number(a.ends) - Number(b.ends));
}

/** The public members that one class declares. @throws Error for a method that nobody has said how to call */
export function declaredBy(prototype: object): Member[] {
  const Class = (prototype.constructor as { name: string }).name;
  return Reflect.ownKeys(prototype).flatMap((key): Member[] => {
    const id = `${Class}.${String(key)}`;
    if (key === "constructor" || INTERNAL.has(id)) return [];
    const property = Object.getOwnPropertyDescriptor(prototype, key);
    if (property?.get) return [{ id, kind: "getter", key, ends: false }];
    if (typeof property?.value !== "function") return [];
    if (typeof key === "string" && CALLS[Class]?.[key] === undefined)
      throw new Error(`${id} is new: say in calls.ts how it is called, or that it is internal`);
    return [{ id, kind: "method", key, ends: ENDS.has(key) }];
  });
}

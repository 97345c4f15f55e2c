import { StateError } from "../errors.ts";
import type { Memory } from "../memory.ts";
import type { Codec, StructCodec, View } from "../spec.ts";

/** What is returned in place of an event where there is none. */
export const NONE: unique symbol = Symbol("none");

/** For how many milliseconds events are handed out before other things on the event loop get their turn. */
export const TURN = 8;
/** How many events are handed out between two looks at the clock. */
export const CHUNK = 256;

type ViewClass = new (m: Memory, at: number) => View;

/** The codec of events without a type: it reads a copy of the bytes. */
export const BYTES: Codec<Uint8Array> = {
  ctype: "void",
  size: 0,
  align: 1,
  read: (m, at, end = at) => m.u8.slice(at, end),
  write: (m, at, value) => m.u8.set(value, at),
};

/** The same, but it reads the bytes where they are. */
export const BYTES_IN_PLACE: Codec<Uint8Array> = {
  ...BYTES,
  read: (m, at, end = at) => m.u8.subarray(at, end),
};

const readOnly = new WeakMap<ViewClass, ViewClass>();

/**
 * The codec's view with setters that refuse: the ring's pages are mapped for reading, and a write to them would end the
 * process. Reading goes through the same getters.
 */
export function readOnlyView(codec: Codec<unknown, never> | undefined): ViewClass | undefined {
  const Base = (codec as Partial<StructCodec<unknown, View>> | undefined)?.View;
  if (Base === undefined) return undefined;
  let Derived = readOnly.get(Base);
  if (Derived === undefined) {
    Derived = class extends Base {};
    Object.defineProperties(Derived.prototype, refusingSetters(Base));
    readOnly.set(Base, Derived);
  }
  return Derived;
}

function refusingSetters(Base: ViewClass): PropertyDescriptorMap {
  const refusing: PropertyDescriptorMap = {};
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(Base.prototype))) {
    if (!property.set) continue;
    const set = () => {
      throw new StateError("consume", `${name} is a field of an event: it can be read but not written`);
    };
    refusing[name] = { ...property, set };
  }
  return refusing;
}

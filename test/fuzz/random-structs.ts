/** Random C structs with the values they are initialised with, for comparing what we decode with what clang laid out. */

/** A number generator that gives the same sequence for the same seed (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  chance(p: number): boolean {
    return this.next() < p;
  }

  bits(n: number): bigint {
    let value = 0n;
    for (let i = 0; i < n; i += 16) value = (value << 16n) | BigInt(this.below(0x10000));
    return BigInt.asUintN(n, value);
  }
}

/** A value as the generated codec should give it. Of a union it has only the member that was initialised. */
export type Expected =
  | number
  | bigint
  | boolean
  | string
  | readonly Expected[]
  | { readonly [field: string]: Expected };

export interface RandomStruct {
  /** The struct's tag, such as `S12`. */
  readonly tag: string;
  /** Declarations, ending with that of the struct and of the variable `v12`. */
  readonly code: string;
  readonly expected: Expected;
  /** Every member but bitfields, as offsetof names it: `f1`, where C reaches it without a dot. */
  readonly members: readonly string[];
}

/** A type: how a variable of it is declared, and a value of it. */
interface Typed {
  declare(name: string): string;
  readonly init: string;
  readonly expected: Expected;
}

interface Context {
  readonly r: Random;
  readonly tag: string;
  /** Declarations needed before the struct. */
  readonly before: string[];
  /** Structs that were made before, which this one may contain. */
  readonly known: readonly { readonly tag: string; readonly init: string; readonly expected: Expected }[];
  fields: number;
}

const INTEGERS = [
  ["signed char", 8, true],
  ["unsigned char", 8, false],
  ["short", 16, true],
  ["unsigned short", 16, false],
  ["int", 32, true],
  ["unsigned int", 32, false],
  ["long", 64, true],
  ["unsigned long", 64, false],
  ["long long", 64, true],
  ["unsigned long long", 64, false],
] as const;

const simple = (type: string, init: string, expected: Expected): Typed => ({
  declare: (name) => `${type} ${name}`,
  init,
  expected,
});

function literal(value: bigint, bits: number, signed: boolean): string {
  if (bits < 64) return `${value}`;
  if (!signed) return `${value}ULL`;
  return value === -(1n << 63n) ? "(-9223372036854775807LL - 1)" : `${value}LL`;
}

function integer({ r }: Context): Typed {
  const [type, bits, signed] = r.pick(INTEGERS);
  const value = signed ? BigInt.asIntN(bits, r.bits(bits)) : r.bits(bits);
  return simple(type, literal(value, bits, signed), bits === 64 ? value : Number(value));
}

function wide({ r }: Context): Typed {
  const raw = r.bits(128);
  const parts = `((unsigned __int128)${raw >> 64n}ULL << 64 | ${raw & 0xffffffffffffffffn}ULL)`;
  if (r.chance(0.5)) return simple("unsigned __int128", parts, raw);
  return simple("__int128", `(__int128)${parts}`, BigInt.asIntN(128, raw));
}

/**
 * Versions of clang before 15 leave the sign of an enum out of BTF. Small negative numbers can still be told from
 * large ones.
 */
function enumeration(context: Context): Typed {
  const { r, before, tag } = context;
  const name = `E${tag}_${context.fields++}`;
  const negative = r.chance(0.4);
  const values = Array.from({ length: 1 + r.below(4) }, () =>
    negative ? r.below(200) - 100 : r.below(0x7fffffff),
  );
  if (negative) values[0] = -1 - r.below(1000);
  else if (r.chance(0.2)) values[0] = 0x80000000 + r.below(0x10000);
  before.push(
    `enum ${name} { ${values.map((v, i) => `${name}_${i} = ${v > 0x7fffffff ? `${v}U` : v}`).join(", ")} };`,
  );
  const chosen = r.below(values.length);
  return simple(`enum ${name}`, `${name}_${chosen}`, values[chosen]!);
}

function floating({ r }: Context): Typed {
  const value = (r.below(2_000_000) - 1_000_000) / 8;
  return simple(r.pick(["float", "double"]), Number.isInteger(value) ? `${value}.0` : `${value}`, value);
}

function pointer(context: Context): Typed {
  const value = context.r.bits(64);
  const type = context.r.pick(["void *", "const char *", "struct opaque *", "int (*)(int)"]);
  const init = `(void *)${value}ULL`;
  if (type.includes("(*)")) return { declare: (name) => `int (*${name})(int)`, init, expected: value };
  return simple(type, init, value);
}

function text({ r }: Context): Typed {
  const length = 1 + r.below(20);
  const value = Array.from({ length: r.below(length + 1) }, () =>
    String.fromCharCode(0x61 + r.below(26)),
  ).join("");
  return { declare: (name) => `char ${name}[${length}]`, init: `"${value}"`, expected: value };
}

function typedef(context: Context): Typed {
  const inner = scalar(context);
  const name = `T${context.tag}_${context.fields++}`;
  context.before.push(`typedef ${inner.declare(name)};`);
  return simple(context.r.pick([name, `const ${name}`, `volatile ${name}`]), inner.init, inner.expected);
}

function scalar(context: Context): Typed {
  const { r } = context;
  const n = r.below(100);
  if (n < 55) return integer(context);
  if (n < 65) return enumeration(context);
  if (n < 72) return floating(context);
  if (n < 80) return pointer(context);
  if (n < 88) return r.chance(0.5) ? simple("_Bool", "1", true) : simple("_Bool", "0", false);
  if (n < 91) return wide(context);
  return typedef(context);
}

function nested(context: Context): Typed {
  const known = context.r.pick(context.known);
  return simple(`struct ${known.tag}`, known.init, known.expected);
}

/** An array whose elements all have one value, of any element type, arrays among them. */
function array(context: Context, depth: number): Typed {
  const { r } = context;
  const length = 1 + r.below(4);
  const element = arrayElement(context, depth);
  return {
    declare: (name) => element.declare(`${name}[${length}]`),
    init: `{ ${Array(length).fill(element.init).join(", ")} }`,
    expected: Array<Expected>(length).fill(element.expected),
  };
}

function arrayElement(context: Context, depth: number): Typed {
  const n = context.r.below(100);
  if (depth > 0 && n < 25) return array(context, depth - 1);
  if (n < 35) return text(context);
  return n < 75 || context.known.length === 0 ? scalar(context) : nested(context);
}

interface Field {
  readonly code: string;
  readonly init: string;
  readonly expected: readonly (readonly [string, Expected])[];
  /** The names by which offsetof reaches the field's members. */
  readonly members: readonly string[];
}

function bitfield(context: Context): Field {
  const { r } = context;
  if (r.chance(0.1))
    return { code: `${r.pick(["int", "char", "long long"])} :0;`, init: "", expected: [], members: [] };
  const name = `f${context.fields++}`;
  if (r.chance(0.1))
    return { code: `_Bool ${name}:1;`, init: `.${name} = 1`, expected: [[name, true]], members: [] };
  const [type, size, signed] = r.pick(INTEGERS);
  const bits = 1 + r.below(size);
  const value = signed ? BigInt.asIntN(bits, r.bits(bits)) : r.bits(bits);
  const expected = size === 64 ? value : Number(value);
  return {
    code: `${type} ${name}:${bits};`,
    init: `.${name} = ${literal(value, size, signed)}`,
    expected: [[name, expected]],
    members: [],
  };
}

function named(context: Context): Field {
  const { r } = context;
  const name = `f${context.fields++}`;
  const n = r.below(100);
  const value =
    n < 60
      ? scalar(context)
      : n < 70
        ? text(context)
        : n < 85 || context.known.length === 0
          ? array(context, 2)
          : nested(context);
  const attribute = r.chance(0.08)
    ? ` __attribute__((${r.pick(["aligned(16)", "aligned(8)", "packed"])}))`
    : "";
  return {
    code: `${value.declare(name)}${attribute};`,
    init: `.${name} = ${value.init}`,
    expected: [[name, value.expected]],
    members: [name],
  };
}

/** An anonymous struct or union, spread out in its parent; or one with a member's name. */
function inner(context: Context, depth: number): Field {
  const { r } = context;
  const union = r.chance(0.5);
  const anonymous = r.chance(0.5);
  const count = 1 + r.below(3);
  const fields = Array.from({ length: count }, () => field(context, depth - 1)).filter(
    (one) => one.init !== "",
  );
  if (fields.length === 0) return named(context);
  const packed = r.chance(0.2) ? " __attribute__((packed))" : "";
  const body = `${union ? "union" : "struct"} { ${fields.map((one) => one.code).join(" ")} }${packed}`;
  const set = union ? [r.pick(fields)] : fields;
  const init = set.map((one) => one.init).join(", ");
  const expected = set.flatMap((one) => one.expected);
  // Designators reach into what is anonymous.
  if (anonymous) return { code: `${body};`, init, expected, members: fields.flatMap((one) => one.members) };
  const name = `f${context.fields++}`;
  return {
    code: `${body} ${name};`,
    init: `.${name} = { ${init} }`,
    expected: [[name, Object.fromEntries(expected)]],
    members: [name],
  };
}

function field(context: Context, depth: number): Field {
  const n = context.r.below(100);
  if (n < 25) return bitfield(context);
  if (n < 40 && depth > 0) return inner(context, depth);
  return named(context);
}

/** A batch of structs for one file. */
export function randomStructs(r: Random, first: number, count: number): RandomStruct[] {
  const known: { tag: string; init: string; expected: Expected }[] = [];
  return Array.from({ length: count }, (_, index) => {
    const tag = `S${first + index}`;
    const context: Context = { r, tag, before: [], known, fields: 0 };
    const fields = [...Array.from({ length: r.below(8) }, () => field(context, 2)), named(context)];
    const attribute = r.pick([
      "",
      "",
      "",
      "",
      " __attribute__((packed))",
      " __attribute__((aligned(16)))",
      " __attribute__((packed, aligned(2)))",
    ]);
    const init = `{ ${fields
      .map((one) => one.init)
      .filter((text) => text !== "")
      .join(", ")} }`;
    const expected = Object.fromEntries(fields.flatMap((one) => one.expected));
    const code = [
      ...context.before,
      `struct ${tag} { ${fields.map((one) => one.code).join(" ")} }${attribute};`,
      `struct ${tag} v${first + index} = ${init};`,
    ].join("\n");
    if (init.length < 2000 && known.length < 40) known.push({ tag, init, expected });
    else if (init.length < 2000) known[r.below(40)] = { tag, init, expected };
    return { tag, code, expected, members: fields.flatMap((one) => one.members) };
  });
}

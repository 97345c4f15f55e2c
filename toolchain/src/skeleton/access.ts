import { elementAlign, lowBit } from "./alignment.ts";
import type { Module } from "./module.ts";
import type { Shape } from "./shape.ts";

/** Where a struct lies, as expressions of generated code: `$m` and `$at`, or `this.$m` and `this.$at`. */
export interface Base {
  /** The memory. */
  readonly m: string;
  /** The offset in the memory. */
  readonly at: string;
  /** The offset is a multiple of this, in bytes. */
  readonly align: number;
}

const ARRAYS = {
  int: { 1: ["u8", "i8"], 2: ["u16", "i16"], 4: ["u32", "i32"], 8: ["u64", "i64"], 16: ["u128", "i128"] },
  float: { 4: "f32", 8: "f64" },
} as const;
const VIEWS = {
  u16: "Uint16",
  i16: "Int16",
  u32: "Uint32",
  i32: "Int32",
  u64: "BigUint64",
  i64: "BigInt64",
  f32: "Float32",
  f64: "Float64",
};

type NumberShape = Extract<Shape, { readonly kind: "int" | "float" | "pointer" | "enum" }>;
type NumberName = keyof typeof VIEWS | "u8" | "i8" | "u128" | "i128";

/** The name that a number's array in Memory has, and its codec as well: `u32`. */
function numberName(shape: NumberShape): NumberName {
  switch (shape.kind) {
    case "int":
      return ARRAYS.int[shape.size][shape.signed ? 1 : 0];
    case "float":
      return ARRAYS.float[shape.size];
    case "pointer":
      return "u64";
    case "enum":
      return ARRAYS.int[shape.decl.size][shape.decl.signed ? 1 : 0];
  }
}

/** The same for any type. Undefined for one that is no number. */
function numeric(shape: Shape): NumberName | undefined {
  const isNumber =
    shape.kind === "int" || shape.kind === "float" || shape.kind === "pointer" || shape.kind === "enum";
  return isNumber ? numberName(shape) : undefined;
}

/** The expression for an offset further on: `$at + 8`, or just `$at`. */
export function plus(at: string, offset: number): string {
  return offset === 0 ? at : `${at} + ${offset}`;
}

/** The expression for the element of a typed array at an offset: `$m.u32[($at + 4) >>> 2]`. */
export function element(base: Base, array: string, width: number, offset: number): string {
  const at = plus(base.at, offset);
  if (width === 1) return `${base.m}.${array}[${at}]`;
  const index = offset === 0 ? at : `(${at})`;
  return `${base.m}.${array}[${index} >>> ${Math.log2(width)}]`;
}

function aligned(base: Base, offset: number, width: number): boolean {
  return Math.min(base.align, lowBit(offset)) >= width;
}

/** An expression that reads a plain value. */
export function readExpression(mod: Module, shape: Shape, base: Base, offset: number, end?: string): string {
  const at = plus(base.at, offset);
  if (shape.kind === "bool") return `${base.m}.u8[${at}] !== 0`;
  if (shape.kind === "chars") return `${mod.use("chars")}(${base.m}, ${at}, ${shape.length})`;
  const array = numeric(shape);
  if (array === undefined || array === "u128" || array === "i128") {
    const more = end === undefined || !isFlexible(shape) ? "" : `, ${end}`;
    return `${codecExpression(mod, shape, Math.min(base.align, lowBit(offset)))}.read(${base.m}, ${at}${more})`;
  }
  const width = Number.parseInt(array.slice(1), 10) / 8;
  if (aligned(base, offset, width)) return `${element(base, array, width, offset)}!`;
  return `${base.m}.view.get${VIEWS[array as keyof typeof VIEWS]}(${at}, true)`;
}

/** Whether a struct, or the struct that is its last member, ends with a flexible array member. */
export function isFlexible(shape: Shape): boolean {
  if (shape.kind !== "struct") return false;
  const last = shape.decl.members.at(-1);
  return last !== undefined && (last.flexible || isFlexible(last.shape));
}

/** An expression that checks whether a value fits the type, and gives the value. */
function checked(mod: Module, shape: Shape, value: string, field: string): string {
  const name = JSON.stringify(field);
  if (shape.kind === "bool") return `${mod.use("checkBool")}(${value}, ${name})`;
  if (shape.kind === "float") return `${mod.use("checkNumber")}(${value}, ${name})`;
  const { size, signed } =
    shape.kind === "int" ? shape : shape.kind === "enum" ? shape.decl : { size: 8, signed: false };
  if (size === 4) return `${mod.use(signed ? "checkI32" : "checkU32")}(${value}, ${name})`;
  if (size === 8) return `${mod.use(signed ? "checkI64" : "checkU64")}(${value}, ${name})`;
  const half = 2 ** (size * 8 - 1);
  const range = signed ? `${-half}, ${half - 1}` : `0, ${half * 2 - 1}`;
  return `${mod.use("checkInt")}(${value}, ${range}, ${name})`;
}

/** A statement that stores `value`. */
export function writeStatement(
  mod: Module,
  shape: Shape,
  base: Base,
  offset: number,
  value: string,
  field: string,
): string {
  const at = plus(base.at, offset);
  if (shape.kind === "chars")
    return `${mod.use("setChars")}(${base.m}, ${at}, ${shape.length}, ${value}, ${JSON.stringify(field)});`;
  if (shape.kind === "bool")
    return `${element(base, "u8", 1, offset)} = ${checked(mod, shape, value, field)};`;
  const array = numeric(shape);
  if (array === undefined || array === "u128" || array === "i128")
    return `${codecExpression(mod, shape, Math.min(base.align, lowBit(offset)))}.write(${base.m}, ${at}, ${value});`;
  const width = Number.parseInt(array.slice(1), 10) / 8;
  const stored = checked(mod, shape, value, field);
  if (aligned(base, offset, width)) return `${element(base, array, width, offset)} = ${stored};`;
  return `${base.m}.view.set${VIEWS[array as keyof typeof VIEWS]}(${at}, ${stored}, true);`;
}

/** An expression for the codec of a type. Codecs that have to be made become constants of the module. */
export function codecExpression(mod: Module, shape: Shape, align: number): string {
  switch (shape.kind) {
    case "struct":
      return shape.decl.name;
    case "bool":
      return mod.use("bool");
    case "pointer":
      return mod.use("pointer");
    case "chars":
      return mod.hoist(`${mod.use("charsOf")}(${shape.length})`);
    case "enum": {
      const make = mod.use(shape.decl.size === 8 ? "enum64Of" : "enumOf");
      const base = mod.use(numberName(shape));
      return mod.hoist(`${make}<${shape.decl.name}>(${JSON.stringify(shape.decl.ctype)}, ${base})`);
    }
    case "array":
      return mod.hoist(arrayExpression(mod, shape.element, shape.length, align));
    default:
      return mod.use(numberName(shape));
  }
}

function arrayExpression(mod: Module, of: Shape, length: number, align: number): string {
  const typed = typedArray(of);
  if (typed !== undefined) {
    const array = `${mod.use(typed.codec)}(${length})`;
    return align >= typed.width ? array : `${mod.use("unaligned")}(${array}, ${mod.use(typed.element)})`;
  }
  const inner = codecExpression(mod, of, elementAlign(of, align));
  const make = of.kind === "struct" ? "structsOf" : of.kind === "array" ? "arraysOf" : "arrayOf";
  return `${mod.use(make)}(${inner}, ${length})`;
}

/** The typed array that can represent an array of these elements, or undefined if there is none. */
export function typedArray(
  of: Shape,
): { element: NumberName; codec: string; type: string; width: number } | undefined {
  if (of.kind !== "int" && of.kind !== "float" && of.kind !== "pointer") return undefined;
  const array = numeric(of);
  if (array === undefined || array === "u128" || array === "i128") return undefined;
  const width = Number.parseInt(array.slice(1), 10) / 8;
  const type = array === "u8" ? "Uint8" : array === "i8" ? "Int8" : VIEWS[array];
  return { element: array, codec: `${array}s`, type: `${type}Array`, width };
}

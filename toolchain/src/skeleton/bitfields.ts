import { type Base, element } from "./access.ts";
import { lowBit } from "./alignment.ts";
import type { Module } from "./module.ts";
import type { Member, Shape } from "./shape.ts";

/** A member that has `bits`. */
type Bitfield = Member & Required<Pick<Member, "bits">>;

export function isBitfield(member: Member): member is Bitfield {
  return member.bits !== undefined;
}

/** The aligned word that contains all bits of a field, if there is one. */
function word(member: Bitfield, base: Base): { width: number; offset: number; shift: number } | undefined {
  const { first, count } = member.bits;
  for (const width of [1, 2, 4]) {
    const offset = Math.floor(first / (width * 8)) * width;
    const shift = first - offset * 8;
    if (shift + count <= width * 8 && Math.min(base.align, lowBit(offset)) >= width)
      return { width, offset, shift };
  }
  return undefined;
}

function bitSign(shape: Shape): boolean {
  if (shape.kind === "int") return shape.signed;
  return shape.kind === "enum" && shape.decl.signed;
}

function isBig(shape: Shape): boolean {
  return (shape.kind === "int" && shape.size >= 8) || (shape.kind === "enum" && shape.decl.size === 8);
}

/** An expression that reads a bitfield. */
export function readBits(mod: Module, member: Bitfield, base: Base): string {
  const { first, count } = member.bits;
  const signed = bitSign(member.shape);
  if (isBig(member.shape))
    return `${mod.use("bigBits")}(${base.m}, ${base.at}, ${first}, ${count}, ${signed})`;
  const found = word(member, base);
  let text: string;
  if (found === undefined) text = `${mod.use("bits")}(${base.m}, ${base.at}, ${first}, ${count}, ${signed})`;
  else {
    const from = `${element(base, `u${found.width * 8}`, found.width, found.offset)}!`;
    const left = 32 - found.shift - count;
    if (signed) text = `(${from} << ${left}) >> ${32 - count}`;
    else if (count === 32) text = from;
    else text = `${found.shift === 0 ? from : `(${from} >>> ${found.shift})`} & ${2 ** count - 1}`;
  }
  return member.shape.kind === "bool" ? `(${text}) !== 0` : text;
}

/** A statement that stores `value` in a bitfield. */
export function writeBits(mod: Module, member: Bitfield, base: Base, value: string, field: string): string {
  const { first, count } = member.bits;
  const signed = bitSign(member.shape);
  const name = JSON.stringify(field);
  const place = `${base.m}, ${base.at}, ${first}, ${count}`;
  if (isBig(member.shape))
    return `${mod.use("setBigBits")}(${place}, ${mod.use("checkBig")}(${value}, ${signed}, ${count}, ${name}));`;
  const half = 2 ** (count - 1);
  const range = signed ? `${-half}, ${half - 1}` : `0, ${half * 2 - 1}`;
  const checked =
    member.shape.kind === "bool"
      ? `${mod.use("checkBool")}(${value}, ${name})`
      : `${mod.use("checkInt")}(${value}, ${range}, ${name})`;
  return `${mod.use("setBits")}(${place}, ${checked});`;
}

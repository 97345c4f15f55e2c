import { type Base, codecExpression, plus, writeStatement } from "./access.ts";
import { isBitfield, writeBits } from "./bitfields.ts";
import type { Module } from "./module.ts";
import { keepsBytes } from "./reading.ts";
import { type Member, type Shape, type StructDecl, shapeSize } from "./shape.ts";
import { memberAlign } from "./types.ts";

/** What every object inherits: a member of that name is there, as a function, in objects that do not give it. */
const INHERITED = new Set(Object.getOwnPropertyNames(Object.prototype));

/** The method of a codec that writes a plain value, as lines of generated code. */
export function writeMethod(mod: Module, decl: StructDecl): string[] {
  const shown = decl.members.filter((member) => member.opaque === undefined);
  const gaps = holes(decl).map(
    ([from, to]) => `    $m.u8.fill(0, ${plus("$at", from)}, ${plus("$at", to)});`,
  );
  if (shown.length === 0)
    return gaps.length === 0 ? ["  write() {},"] : ["  write($m, $at) {", ...gaps, "  },"];
  const writes = shown.map((member) => `    ${writeMember(mod, decl, member)}`);
  return ["  write($m, $at, $given) {", ...wholeValue(mod, decl, shown), ...gaps, ...writes, "  },"];
}

/**
 * Makes `$value` of `$given`: the same object where it has every member, which costs a comparison for each. Where one is
 * missing, `complete` looks whether it has been misspelt, and gives the members that are not in unions their zeros.
 */
function wholeValue(mod: Module, decl: StructDecl, shown: readonly Member[]): string[] {
  const names = (members: readonly Member[]) =>
    members.flatMap(({ property }) => JSON.stringify(property)).join(", ");
  const required = shown.filter((member) => !member.inUnion && !member.flexible);
  const others = shown.filter((member) => member.inUnion || member.flexible);
  const bytes = shown.filter(keepsBytes).map(({ bytesProperty }) => JSON.stringify(bytesProperty));
  const list = [names(others), bytes.join(", ")].filter((text) => text !== "").join(", ");
  const members = mod.hoist(`${mod.use("membersOf")}([${names(required)}], [${list}])`);
  const absent = shown
    .filter((member) => !member.flexible)
    .map(({ property }, index) => {
      const value = `$given${index === 0 ? "?" : ""}.${property}`;
      return INHERITED.has(property) ? `typeof ${value} === "function"` : `${value} === undefined`;
    });
  if (absent.length === 0) absent.push('typeof $given !== "object"');
  return [
    "    const $value =",
    ...absent.map((test, index) => `      ${test}${index < absent.length - 1 ? " ||" : ""}`),
    `        ? ${mod.use("complete")}<${decl.name}>(${decl.name}, $given, ${members})`,
    `        : ($given as ${decl.name});`,
  ];
}

function writeMember(mod: Module, decl: StructDecl, member: Member): string {
  const { shape, offset, property } = member;
  const field = JSON.stringify(`${decl.tag}.${member.name}`);
  const value = `$value.${property}`;
  if (member.flexible) return `${mod.use("refuseFlexible")}(${value}, ${field});`;
  if (!member.inUnion) return statement(mod, decl, member);
  const at = plus("$at", offset);
  // Of a union that was read every member is given, and each leaves alone what the others say: that which is zero is
  // not written, since the union's bytes are zero by then.
  if (keepsBytes(member) && shape.kind !== "array")
    return `if (${hasBits(shape, value)} || $value.${member.bytesProperty} !== undefined) ${statement(mod, decl, member)}`;
  if (keepsBytes(member))
    return `if (${value} !== undefined) ${mod.use("mergeKept")}($m, ${at}, ${codecExpression(mod, shape, 1)}, ${value}, $value.${member.bytesProperty});`;
  if (shape.kind === "struct" || shape.kind === "array")
    return `if (${value} !== undefined) ${mod.use("merge")}($m, ${at}, ${codecExpression(mod, shape, memberAlign(decl.align, offset))}, ${value}, ${sharesBytes(shape)});`;
  return `if (${hasBits(shape, value)}) ${statement(mod, decl, member)}`;
}

function statement(mod: Module, decl: StructDecl, member: Member): string {
  const base: Base = { m: "$m", at: "$at", align: decl.align };
  const { shape, offset, size } = member;
  const value = `$value.${member.property}`;
  const field = `${decl.tag}.${member.name}`;
  if (isBitfield(member)) return writeBits(mod, member, base, value, field);
  if (!keepsBytes(member)) return writeStatement(mod, shape, base, offset, value, field);
  const bytes = `$value.${member.bytesProperty}`;
  const at = plus("$at", offset);
  if (shape.kind === "chars")
    return `${mod.use("setText")}($m, ${at}, ${size}, ${value}, ${bytes}, ${JSON.stringify(field)});`;
  const kept = `${mod.use("setKept")}($m, ${at}, ${codecExpression(mod, shape, 1)}, ${value}, ${bytes});`;
  if (shape.kind === "array") return kept;
  return `if (${bytes} === undefined) ${writeStatement(mod, shape, base, offset, value, field)} else ${kept}`;
}

/** A condition: the value is given, and some of its bits are set. */
function hasBits(shape: Shape, value: string): string {
  const given = `${value} !== undefined`;
  switch (shape.kind) {
    case "bool":
      return `(${given} && ${value} !== false)`;
    case "chars":
      return `(${given} && ${value} !== "")`;
    case "float":
      // The sign of -0 is a bit.
      return `(${given} && !Object.is(${value}, 0))`;
    default: {
      const big = shapeSize(shape) >= 8;
      return `${given} && ${value} !== ${big ? "0n" : "0"}`;
    }
  }
}

/** Whether a type has bitfields, so that padding and a member may be in one byte. */
function sharesBytes(shape: Shape): boolean {
  if (shape.kind === "array") return sharesBytes(shape.element);
  if (shape.kind !== "struct") return false;
  return shape.decl.members.some((member) => isBitfield(member) || sharesBytes(member.shape));
}

/**
 * The ranges of bytes that are zeroed before the members are written: padding, unions, and bytes that bitfields share.
 * Fields that belong to the kernel are not touched.
 */
function holes(decl: StructDecl): [number, number][] {
  const whole = decl.members.filter(
    (member) => member.opaque !== undefined || !(member.inUnion || member.bits),
  );
  const covered = whole
    .map((member) => [member.offset, member.offset + member.size] as const)
    .sort((a, b) => a[0] - b[0]);
  const gaps: [number, number][] = [];
  let at = 0;
  for (const [from, to] of [...covered, [decl.size, decl.size] as const]) {
    if (from > at) gaps.push([at, from]);
    at = Math.max(at, to);
  }
  return gaps;
}

import { type Base, isFlexible, plus, readExpression, writeStatement } from "./access.ts";
import { isBitfield, readBits, writeBits } from "./bitfields.ts";
import { flexibleRead } from "./flexible.ts";
import type { Module } from "./module.ts";
import type { Member, StructDecl } from "./shape.ts";
import { memberAlign } from "./types.ts";

/** Whether a plain value has a text's bytes in addition to the text, where the text alone would lose some of them. */
export function keepsBytes(member: Member): boolean {
  return member.shape.kind === "chars" && !member.flexible;
}

/** The codec of a struct, as lines of generated code. */
export function emitCodec(mod: Module, decl: StructDecl): string[] {
  const base: Base = { m: "$m", at: "$at", align: decl.align };
  const shown = decl.members.filter((member) => member.opaque === undefined);
  const flexible = decl.members.some((member) => member.flexible || isFlexible(member.shape));
  const init = decl.initName === decl.name ? "" : `, ${decl.initName}`;
  return [
    `export const ${decl.name}: ${mod.useType("StructCodec")}<${decl.name}, ${decl.viewName}${init}> = {`,
    `  ctype: ${JSON.stringify(decl.ctype)},`,
    `  size: ${decl.size},`,
    `  align: ${decl.align},`,
    `  View: ${decl.viewName},`,
    ...(flexible ? ["  flexible: true,"] : []),
    ...leastSize(decl),
    ...readMethod(mod, decl, base, shown, flexible),
    ...writeMethod(mod, decl, base, shown),
    "};",
  ];
}

/** Where the struct's last array begins: a program may send an event without what it has not filled of that array. */
function leastSize({ members }: StructDecl): string[] {
  const last = members.toSorted((a, b) => a.offset - b.offset).at(-1);
  const array = last?.shape.kind === "chars" || last?.shape.kind === "array";
  if (!array || last.flexible || last.inUnion || last.opaque !== undefined) return [];
  return [`  least: ${last.offset},`];
}

function readMethod(
  mod: Module,
  decl: StructDecl,
  base: Base,
  shown: readonly Member[],
  flexible: boolean,
): string[] {
  if (shown.length === 0) return ["  read() {", "    return {};", "  },"];
  const head = flexible ? `  read($m, $at, $end = $at + ${decl.size}) {` : "  read($m, $at) {";
  const fields = shown.map((member) => `      ${member.property}: ${readMember(mod, decl, member, base)},`);
  const texts = shown.filter(keepsBytes);
  if (texts.length === 0) return [head, "    return {", ...fields, "    };", "  },"];
  const kept = texts.map(({ property, bytesProperty, offset, size, inUnion }) =>
    JSON.stringify([property, bytesProperty, offset, size, inUnion]).replaceAll(",", ", "),
  );
  const list = mod.hoist(`[${kept.join(", ")}] as const`);
  const lost = `${mod.use("textLost")}()`;
  return [
    head,
    `    const $lost = ${lost};`,
    `    const $value: ${decl.name} = {`,
    ...fields,
    "    };",
    `    return ${lost} === $lost ? $value : ${mod.use("keepBytes")}($value, $m, $at, ${list});`,
    "  },",
  ];
}

function readMember(mod: Module, decl: StructDecl, member: Member, base: Base): string {
  if (isBitfield(member)) return readBits(mod, member, base);
  if (member.flexible)
    return flexibleRead(
      mod,
      member,
      memberAlign(decl.align, member.offset),
      plus("$at", member.offset),
      "$end",
    );
  if (member.inUnion && member.shape.kind === "chars")
    return `${mod.use("unionChars")}($m, ${plus("$at", member.offset)}, ${member.size})`;
  return readExpression(mod, member.shape, base, member.offset, "$end");
}

function writeMethod(mod: Module, decl: StructDecl, base: Base, shown: readonly Member[]): string[] {
  const gaps = holes(decl).map(
    ([from, to]) => `    $m.u8.fill(0, ${plus("$at", from)}, ${plus("$at", to)});`,
  );
  const writes = [...shown].sort(byFidelity).flatMap((member) => {
    if (member.flexible)
      return [
        `    ${mod.use("refuseFlexible")}($value.${member.property}, ${JSON.stringify(`${decl.tag}.${member.name}`)});`,
      ];
    const value = `$value.${member.property}`;
    const field = `${decl.tag}.${member.name}`;
    const statement = keepsBytes(member)
      ? `${mod.use("setText")}($m, ${plus("$at", member.offset)}, ${member.size}, ${value}, $value.${member.bytesProperty}, ${JSON.stringify(field)});`
      : isBitfield(member)
        ? writeBits(mod, member, base, value, field)
        : writeStatement(mod, member.shape, base, member.offset, value, field);
    return member.inUnion ? [`    if (${value} !== undefined) ${statement}`] : [`    ${statement}`];
  });
  if (gaps.length + writes.length === 0) return ["  write() {},"];
  const params = writes.length === 0 ? "$m, $at" : "$m, $at, $value";
  return [`  write(${params}) {`, ...gaps, ...writes, "  },"];
}

/**
 * Orders the members of a union for writing. A union that was read is written back with all of its members. A float, a
 * boolean or a text may not give back the very bits that were read, so it is written first, and those that do give them
 * back overwrite it.
 */
function byFidelity(a: Member, b: Member): number {
  const faithful = ({ inUnion, shape }: Member) =>
    inUnion && (shape.kind === "float" || shape.kind === "bool" || shape.kind === "chars") ? 0 : 1;
  return faithful(a) - faithful(b);
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

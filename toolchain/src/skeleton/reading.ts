import { type Base, codecExpression, plus, readExpression } from "./access.ts";
import { isBitfield, readBits } from "./bitfields.ts";
import { flexibleRead } from "./flexible.ts";
import type { Module } from "./module.ts";
import { isOverlapped } from "./overlaps.ts";
import { innermost, type Member, type StructDecl } from "./shape.ts";
import { memberAlign } from "./types.ts";

/** Whether a plain value has a member's bytes in addition to its value, where the value alone would lose some of them. */
export function keepsBytes(member: Member): boolean {
  return member.bytesProperty !== "" && member.opaque === undefined;
}

/** The method of a codec that makes a plain value, as lines of generated code. */
export function readMethod(mod: Module, decl: StructDecl, flexible: boolean): string[] {
  const base: Base = { m: "$m", at: "$at", align: decl.align };
  const shown = decl.members.filter((member) => member.opaque === undefined);
  if (shown.length === 0) return ["  read() {", "    return {};", "  },"];
  // Without an end it is empty: what may follow its offset in the struct is padding.
  const head = flexible ? "  read($m, $at, $end = $at) {" : "  read($m, $at) {";
  const fields = shown.map((member) => `      ${member.property}: ${readMember(mod, decl, member, base)},`);
  const kept = shown.filter(keepsBytes);
  if (kept.length === 0) return [head, "    return {", ...fields, "    };", "  },"];
  const list = mod.hoist(`[${kept.map((member) => keptField(mod, decl, member)).join(", ")}] as const`);
  const lost = `${mod.use("bytesLost")}()`;
  const end = kept.some((member) => member.flexible) ? ", $end" : "";
  return [
    head,
    `    const $lost = ${lost};`,
    `    const $value: ${decl.name} = {`,
    ...fields,
    "    };",
    `    return ${lost} === $lost ? $value : ${mod.use("keepBytes")}($value, $m, $at, ${list}${end});`,
    "  },",
  ];
}

/** What `keepBytes` has to know of a member: KeptField of `runtime/codec/kept.ts`. */
function keptField(mod: Module, decl: StructDecl, member: Member): string {
  const inner = innermost(member.shape);
  const row = inner.kind === "chars" && !member.flexible ? inner.length : 0;
  const codec = inner.kind === "chars" ? "undefined" : codecExpression(mod, member.shape, 1);
  const size = member.flexible ? -1 : member.size;
  const names = `${JSON.stringify(member.property)}, ${JSON.stringify(member.bytesProperty)}`;
  return `[${names}, ${member.offset}, ${size}, ${row}, ${isOverlapped(decl, member)}, ${codec}]`;
}

function readMember(mod: Module, decl: StructDecl, member: Member, base: Base): string {
  const { shape, offset } = member;
  if (isBitfield(member)) return readBits(mod, member, base);
  if (member.flexible)
    return flexibleRead(mod, member, memberAlign(decl.align, offset), plus("$at", offset), "$end");
  if (isOverlapped(decl, member) && keepsBytes(member) && (shape.kind === "bool" || shape.kind === "float"))
    return `${codecExpression(mod, shape, 1)}.read($m, ${plus("$at", offset)})`;
  return readExpression(mod, shape, base, offset, "$end");
}

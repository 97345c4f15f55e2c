import { isFlexible } from "./access.ts";
import type { Module } from "./module.ts";
import { readMethod } from "./reading.ts";
import type { StructDecl } from "./shape.ts";
import { writeMethod } from "./writing.ts";

/** The codec of a struct, as lines of generated code. */
export function emitCodec(mod: Module, decl: StructDecl): string[] {
  const flexible = decl.members.some((member) => member.flexible || isFlexible(member.shape));
  const type = `${mod.useType("StructCodec")}<${decl.name}, ${decl.viewName}, ${decl.initName}>`;
  return [
    `export const ${decl.name}: ${type} = {`,
    `  ctype: ${JSON.stringify(decl.ctype)},`,
    `  size: ${decl.size},`,
    `  align: ${decl.align},`,
    `  View: ${mod.use("sealed")}(${decl.viewName}),`,
    ...(flexible ? ["  flexible: true,"] : []),
    ...leastSize(decl),
    ...readMethod(mod, decl, flexible),
    ...writeMethod(mod, decl),
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

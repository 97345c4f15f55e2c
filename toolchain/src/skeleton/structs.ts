import { emitCodec } from "./codecs.ts";
import type { Comments } from "./comments.ts";
import { doc } from "./doc.ts";
import type { Module } from "./module.ts";
import { Names } from "./names.ts";
import { keepsBytes } from "./reading.ts";
import type { EnumDecl, Member, StructDecl } from "./shape.ts";
import { plainType } from "./types.ts";
import { emitView } from "./views.ts";

/** The code for an enum: a constant with its values, and a type that allows these values and any other number. */
export function emitEnum(decl: EnumDecl, comments: Comments): string[] {
  const names = Names.forProperties();
  const suffix = decl.size === 8 ? "n" : "";
  const values = decl.values.flatMap(({ name, value }) => [
    ...doc(comments.member(decl.tag, name), "  "),
    `  ${names.take(name)}: ${value}${suffix},`,
  ]);
  const base = decl.size === 8 ? "bigint" : "number";
  const title = `\`${decl.ctype}\`. A value without a name stays a ${base}.`;
  return [
    ...doc([title, ...comments.type(decl.tag)]),
    `export const ${decl.name} = {`,
    ...values,
    "} as const;",
    `export type ${decl.name} = (typeof ${decl.name})[keyof typeof ${decl.name}] | (${base} & {});`,
  ];
}

/** The code for a struct or union: the type of the plain object, the view and the codec. */
export function emitStruct(mod: Module, decl: StructDecl, comments: Comments): string[] {
  const title = `\`${decl.ctype}\`, ${decl.size} ${decl.size === 1 ? "byte" : "bytes"}.`;
  const plain = [
    ...doc([title, ...comments.type(decl.tag)]),
    `export interface ${decl.name} {`,
    ...decl.members.flatMap((member) => interfaceMember(decl, member, comments)),
    "}",
    "",
    ...doc([`What \`${decl.ctype}\` may be written from: members that are not given are zero.`]),
    `export type ${decl.initName} = ${mod.useType("Init")}<${decl.name}>;`,
    "",
  ];
  const view = emitView(mod, { ...decl, fixed: false }, comments, [`\`${decl.ctype}\` in place.`]);
  const codec = emitCodec(mod, decl);
  const hoisted = mod.flush();
  return [...(hoisted.length > 0 ? [...hoisted, ""] : []), ...plain, ...view, "", ...codec];
}

function interfaceMember(decl: StructDecl, member: Member, comments: Comments): string[] {
  if (member.opaque !== undefined)
    return [
      `  // ${member.property}: ${member.opaque}, the kernel's own, which user space neither reads nor writes`,
    ];
  return [
    ...doc(comments.member(decl.tag, member.name), "  "),
    `  ${member.property}: ${plainType(member.shape)};`,
    ...(keepsBytes(member)
      ? [
          `  /** The bytes of \`${member.property}\`, there only if its value does not say them all. */`,
          `  ${member.bytesProperty}?: Uint8Array | undefined;`,
        ]
      : []),
  ];
}

import { emitCodec, keepsBytes } from "./codecs.ts";
import type { Comments } from "./comments.ts";
import { doc } from "./doc.ts";
import type { Module } from "./module.ts";
import { Names } from "./names.ts";
import type { EnumDecl, Member, StructDecl } from "./shape.ts";
import { hasOwnInput, initType, plainType } from "./types.ts";
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
    ...decl.members.flatMap((member) => interfaceMember(decl, member, comments, plainType(member.shape), "")),
    "}",
    "",
    ...(hasOwnInput(decl) ? emitInit(decl, comments) : []),
  ];
  const view = emitView(mod, { ...decl, fixed: false }, comments, [`\`${decl.ctype}\` in place.`]);
  const codec = emitCodec(mod, decl);
  const hoisted = mod.flush();
  return [...(hoisted.length > 0 ? [...hoisted, ""] : []), ...plain, ...view, "", ...codec];
}

function emitInit(decl: StructDecl, comments: Comments): string[] {
  return [
    ...doc([
      `What \`${decl.ctype}\` may be written from: of a union's members, those given are written, in order.`,
    ]),
    `export interface ${decl.initName} {`,
    ...decl.members.flatMap((member) =>
      interfaceMember(decl, member, comments, initType(member.shape), member.inUnion ? "?" : ""),
    ),
    "}",
    "",
  ];
}

function interfaceMember(
  decl: StructDecl,
  member: Member,
  comments: Comments,
  type: string,
  optional: string,
): string[] {
  if (member.opaque !== undefined)
    return [
      `  // ${member.property}: ${member.opaque}, the kernel's own, which user space neither reads nor writes`,
    ];
  const lines = doc(comments.member(decl.tag, member.name), "  ");
  return [
    ...lines,
    `  ${member.property}${optional}: ${type}${optional === "" ? "" : " | undefined"};`,
    ...(keepsBytes(member)
      ? [
          `  /** The bytes of \`${member.property}\`, there only if the text does not say them all. */`,
          `  ${member.bytesProperty}?: Uint8Array | undefined;`,
        ]
      : []),
  ];
}

import { type Base, codecExpression, isFlexible, plus, readExpression, writeStatement } from "./access.ts";
import { readBits, writeBits } from "./bitfields.ts";
import type { Comments } from "./comments.ts";
import { doc } from "./doc.ts";
import { flexibleGetter } from "./flexible.ts";
import type { Module } from "./module.ts";
import { Names } from "./names.ts";
import type { Member } from "./shape.ts";
import { inputType, memberAlign, plainType, viewType } from "./types.ts";

/** A class of accessors: of a struct, or of a data section, which stays where it is. */
export interface Accessors {
  readonly viewName: string;
  readonly tag: string;
  readonly members: readonly Member[];
  readonly align: number;
  /** It never moves: what its accessors make is kept. */
  readonly fixed: boolean;
  /** Its values are the kernel's: there are no setters. */
  readonly readOnly?: boolean;
}

export function emitView(
  mod: Module,
  decl: Accessors,
  comments: Comments,
  title: readonly string[],
): string[] {
  const names = Names.forProperties();
  for (const { property, bytesProperty } of decl.members) {
    names.take(property);
    if (bytesProperty !== "") names.take(bytesProperty);
  }
  const flexible = decl.members.some((member) => member.flexible || isFlexible(member.shape));
  const memory = mod.useType("Memory");
  return [
    ...doc(title),
    `export class ${decl.viewName} implements ${mod.useType("View")} {`,
    `  $m: ${memory};`,
    "  $at: number;",
    ...((flexible && !decl.fixed) || decl.members.some((member) => isResizable(decl, member))
      ? ["  $end = 0;"]
      : []),
    ...keptFields(mod, decl),
    `  constructor(m: ${memory}, at: number) {`,
    "    this.$m = m;",
    "    this.$at = at;",
    "  }",
    ...decl.members.flatMap((member) => accessors(mod, decl, member, comments, names)),
    ...renewMethod(decl),
    "}",
  ];
}

const here = (align: number): Base => ({ m: "this.$m", at: "this.$at", align });

/** Whether reading the field makes an object that a section's view can keep. */
function isKept(decl: Accessors, member: Member): boolean {
  if (!decl.fixed || member.opaque !== undefined || member.flexible) return false;
  return member.shape.kind === "struct" || member.shape.kind === "array";
}

/** The last array of a section: libbpf makes a section larger by making it longer. */
function isResizable(decl: Accessors, member: Member): boolean {
  return decl.fixed && !decl.readOnly && member === decl.members.at(-1) && member.shape.kind === "array";
}

/** The codec of an array field, as long as the section says if it can be made longer. */
function arrayCodec(mod: Module, decl: Accessors, member: Member, align: number): string {
  if (!isResizable(decl, member) || member.shape.kind !== "array")
    return codecExpression(mod, member.shape, align);
  const one = codecExpression(mod, { ...member.shape, length: 1 }, align);
  const [at, end] = [plus("this.$at", member.offset), plus("this.$at", member.offset + member.size)];
  return `${mod.use("flexible")}(${one}, ${at}, this.$end || ${end})`;
}

/** What a section's view keeps is made anew when the section moves to other memory. */
function keptFields(mod: Module, decl: Accessors): string[] {
  const kept = decl.members.filter((member) => isKept(decl, member));
  if (kept.length === 0) return [];
  const type = ({ shape, offset }: Member) => viewType(mod, shape, memberAlign(decl.align, offset));
  return [
    `  #$memory: ${mod.useType("Memory")} | undefined;`,
    ...kept.map((member) => `  #${member.property}: ${type(member)} | undefined;`),
  ];
}

function renewMethod(decl: Accessors): string[] {
  const kept = decl.members.filter((member) => isKept(decl, member));
  if (kept.length === 0) return [];
  return [
    "  #$renew(): void {",
    "    this.#$memory = this.$m;",
    ...kept.map((member) => `    this.#${member.property} = undefined;`),
    "  }",
  ];
}

/** A getter of something kept. */
function keptGetter(property: string, type: string, expression: string): string[] {
  return [
    `  get ${property}(): ${type} {`,
    "    if (this.#$memory !== this.$m) this.#$renew();",
    `    this.#${property} ??= ${expression};`,
    `    return this.#${property};`,
    "  }",
  ];
}

function accessors(mod: Module, decl: Accessors, member: Member, comments: Comments, names: Names): string[] {
  const { shape, offset, property } = member;
  const field = `${decl.tag}.${member.name}`;
  const note = doc(comments.member(decl.fixed ? "" : decl.tag, member.name), "  ");
  const align = memberAlign(decl.align, offset);
  const getter = (name: string, type: string, expression: string) => [
    `  get ${name}(): ${type} {`,
    `    return ${expression};`,
    "  }",
  ];
  const setter = (name: string, type: string, statement: string) =>
    decl.readOnly ? [] : [`  set ${name}($value: ${type}) {`, `    ${statement}`, "  }"];
  if (member.opaque !== undefined) {
    const bytes = `this.$m.u8.subarray(${plus("this.$at", offset)}, ${plus("this.$at", offset + member.size)})`;
    return [
      ...doc([`${member.opaque}, the kernel's own: its bytes.`], "  "),
      ...getter(member.bytesProperty, "Uint8Array", bytes),
    ];
  }
  if (member.bits !== undefined)
    return [
      ...note,
      ...getter(property, plainType(shape), readBits(mod, member, here(decl.align))),
      ...setter(property, plainType(shape), writeBits(mod, member, here(decl.align), "$value", field)),
    ];
  if (member.flexible) return [...note, ...flexibleGetter(mod, decl.fixed, member, align)];
  const type = viewType(mod, shape, align);
  const expression = viewExpression(mod, decl, member, align, type);
  const write = isResizable(decl, member)
    ? `${arrayCodec(mod, decl, member, align)}.write(this.$m, ${plus("this.$at", offset)}, $value);`
    : writeStatement(mod, shape, here(decl.align), offset, "$value", field);
  return [
    ...note,
    ...(isKept(decl, member) ? keptGetter : getter)(property, type, expression),
    ...setter(property, inputType(shape), write),
    ...derived(mod, decl, member, names, getter, setter, field),
  ];
}

function viewExpression(mod: Module, decl: Accessors, member: Member, align: number, type: string): string {
  const { shape, offset } = member;
  const at = plus("this.$at", offset);
  if (shape.kind === "array") return `${arrayCodec(mod, decl, member, align)}.view(this.$m, ${at})`;
  if (shape.kind !== "struct") return readExpression(mod, shape, here(decl.align), offset);
  const made = `new ${type}(this.$m, ${at})`;
  if (!isFlexible(shape)) return made;
  const end = decl.fixed ? plus("this.$at", offset + member.size) : "this.$end";
  return `Object.assign(${made}, { $end: ${end} })`;
}

type Accessor = (name: string, type: string, body: string) => string[];

/** `f$number` of a 64-bit integer, `s$bytes` of a string. */
function derived(
  mod: Module,
  decl: Accessors,
  { shape, offset, property, bytesProperty }: Member,
  names: Names,
  getter: Accessor,
  setter: Accessor,
  field: string,
): string[] {
  if (shape.kind === "int" && shape.size === 8) {
    const base = { ...here(decl.align), align: Math.min(decl.align, 4) };
    const half = (signed: boolean, add: number) =>
      readExpression(mod, { kind: "int", size: 4, signed }, base, offset + add);
    return getter(
      names.take(`${property}$number`),
      "number",
      `${half(false, 0)} + ${half(shape.signed, 4)} * 4294967296`,
    );
  }
  if (shape.kind !== "chars") return [];
  const [from, to] = [plus("this.$at", offset), plus("this.$at", offset + shape.length)];
  const write = `${mod.use("setBytes")}(this.$m, ${from}, ${shape.length}, $value, ${JSON.stringify(field)});`;
  return [
    ...getter(bytesProperty, "Uint8Array", `this.$m.u8.subarray(${from}, ${to})`),
    ...setter(bytesProperty, "Uint8Array", write),
  ];
}

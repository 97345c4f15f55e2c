import { type Base, codecExpression, isFlexible, plus, readExpression, writeStatement } from "./access.ts";
import { isBitfield, readBits, writeBits } from "./bitfields.ts";
import type { Comments } from "./comments.ts";
import { doc } from "./doc.ts";
import { flexibleGetter } from "./flexible.ts";
import type { Module } from "./module.ts";
import { Names } from "./names.ts";
import type { Member } from "./shape.ts";
import { inputType, memberAlign, plainType, viewType } from "./types.ts";

/** What a class of accessors is written from. The class is for a struct, or for a data section. */
export interface Accessors {
  readonly viewName: string;
  readonly tag: string;
  readonly members: readonly Member[];
  readonly align: number;
  /** Whether it is a data section. That stays where it is, so the objects that its accessors make are kept. */
  readonly fixed: boolean;
  /** There are no setters, because only the kernel sets the values. */
  readonly readOnly?: boolean;
}

/** The class of accessors for a struct or a section, as lines of generated code. */
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

/** Whether reading the field makes an object that the view of a section can keep. */
function isKept(decl: Accessors, member: Member): boolean {
  if (!decl.fixed || member.opaque !== undefined || member.flexible) return false;
  return member.shape.kind === "struct" || member.shape.kind === "array";
}

/** Whether the field is the last array of a section. When libbpf makes a section larger, this array gets longer. */
function isResizable(decl: Accessors, member: Member): boolean {
  return decl.fixed && !decl.readOnly && member === decl.members.at(-1) && member.shape.kind === "array";
}

/** The codec of an array field. The length of a resizable one follows from the section's present size. */
function arrayCodec(mod: Module, decl: Accessors, member: Member, align: number): string {
  if (!isResizable(decl, member) || member.shape.kind !== "array")
    return codecExpression(mod, member.shape, align);
  const one = codecExpression(mod, { ...member.shape, length: 1 }, align);
  const [at, end] = [plus("this.$at", member.offset), plus("this.$at", member.offset + member.size)];
  return `${mod.use("flexible")}(${one}, ${at}, this.$end || ${end})`;
}

/** The fields for the objects that a section's view keeps. They are made again when the section gets other memory. */
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

/** A getter for an object that is kept. */
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
  if (isBitfield(member))
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

/** Additional accessors: `f$number` for a 64-bit integer, `s$bytes` for a text or what else may need its bytes. */
function derived(
  mod: Module,
  decl: Accessors,
  { shape, size, offset, property, bytesProperty }: Member,
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
  if (bytesProperty === "") return [];
  const [from, to] = [plus("this.$at", offset), plus("this.$at", offset + size)];
  const write = `${mod.use("setBytes")}(this.$m, ${from}, ${size}, $value, ${JSON.stringify(field)});`;
  return [
    ...getter(bytesProperty, "Uint8Array", `this.$m.u8.subarray(${from}, ${to})`),
    ...setter(bytesProperty, "Uint8Array", write),
  ];
}

import {
  type Base,
  codecExpression,
  element,
  isFlexible,
  plus,
  readExpression,
  writeStatement,
} from "./access.ts";
import { lowBit } from "./alignment.ts";
import type { Comments } from "./comments.ts";
import type { Module } from "./module.ts";
import { Names } from "./names.ts";
import type { EnumDecl, Member, Shape, StructDecl } from "./shapes.ts";
import { hasOwnInput, initType, inputType, memberAlign, plainType, viewType } from "./types.ts";

/** Lines of a JSDoc comment, or none. */
export function doc(lines: readonly string[], indent = ""): string[] {
  const safe = lines
    .flatMap((line) => line.split("\n"))
    .map((line) => line.replaceAll("*/", "*\\/").trimEnd());
  if (safe.length === 0) return [];
  if (safe.length === 1) return [`${indent}/** ${safe[0]} */`];
  return [
    `${indent}/**`,
    ...safe.map((line) => `${indent} *${line === "" ? "" : ` ${line}`}`),
    `${indent} */`,
  ];
}

/** An enum: its values as a constant, and a type that has their names and admits any other number. */
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

/** A struct or union: the plain object, the view, the codec. */
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

/** A plain value has the bytes beside a text where they are needed to write the same again. */
function keepsBytes(member: Member): boolean {
  return member.shape.kind === "chars" && !member.flexible;
}

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
    ...(flexible && !decl.fixed ? ["  $end = 0;"] : []),
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
    decl.readOnly ? [] : [`  set ${name}(value: ${type}) {`, `    ${statement}`, "  }"];
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
      ...setter(property, plainType(shape), writeBits(mod, member, here(decl.align), "value", field)),
    ];
  if (member.flexible) return [...note, ...flexibleGetter(mod, decl, member, align)];
  const type = viewType(mod, shape, align);
  const expression = viewExpression(mod, decl, member, align, type);
  const write = writeStatement(mod, shape, here(decl.align), offset, "value", field);
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
  if (shape.kind === "array") return `${codecExpression(mod, shape, align)}.view(this.$m, ${at})`;
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
  const write = `${mod.use("setBytes")}(this.$m, ${from}, ${shape.length}, value, ${JSON.stringify(field)});`;
  return [
    ...getter(bytesProperty, "Uint8Array", `this.$m.u8.subarray(${from}, ${to})`),
    ...setter(bytesProperty, "Uint8Array", write),
  ];
}

// ── Flexible array members ──────────────────────────────────────────────────────────────────────────────────────────

function flexibleElement(shape: Shape): Shape {
  if (shape.kind === "array") return shape.element;
  return shape;
}

function flexibleRead(mod: Module, member: Member, align: number, at: string, end: string): string {
  if (member.shape.kind === "chars") return `${mod.use("chars")}($m, ${at}, ${end} - (${at}))`;
  const one = codecExpression(
    mod,
    { kind: "array", element: flexibleElement(member.shape), length: 1 },
    align,
  );
  return `${mod.use("flexible")}(${one}, ${at}, ${end}).read($m, ${at})`;
}

function flexibleGetter(mod: Module, decl: Accessors, member: Member, align: number): string[] {
  const at = plus("this.$at", member.offset);
  const end = decl.fixed ? at : "this.$end";
  if (member.shape.kind === "chars")
    return [
      `  get ${member.property}(): string {`,
      `    return ${mod.use("chars")}(this.$m, ${at}, ${end} - (${at}));`,
      "  }",
      `  get ${member.bytesProperty}(): Uint8Array {`,
      `    return this.$m.u8.subarray(${at}, Math.max(${at}, ${end}));`,
      "  }",
    ];
  const array: Shape = { kind: "array", element: flexibleElement(member.shape), length: 1 };
  return [
    `  get ${member.property}(): ${viewType(mod, array, align)} {`,
    `    return ${mod.use("flexible")}(${codecExpression(mod, array, align)}, ${at}, ${end}).view(this.$m, ${at});`,
    "  }",
  ];
}

// ── Bitfields ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** The aligned word that holds all bits of a field, if there is one. */
function word(member: Member, base: Base): { width: number; offset: number; shift: number } | undefined {
  const { first, count } = member.bits!;
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

function readBits(mod: Module, member: Member, base: Base): string {
  const { first, count } = member.bits!;
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

function writeBits(mod: Module, member: Member, base: Base, value: string, field: string): string {
  const { first, count } = member.bits!;
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

// ── Codecs ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function emitCodec(mod: Module, decl: StructDecl): string[] {
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
    ...readMethod(mod, decl, base, shown, flexible),
    ...writeMethod(mod, decl, base, shown),
    "};",
  ];
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
  if (member.bits !== undefined) return readBits(mod, member, base);
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
      : member.bits === undefined
        ? writeStatement(mod, member.shape, base, member.offset, value, field)
        : writeBits(mod, member, base, value, field);
    return member.inUnion ? [`    if (${value} !== undefined) ${statement}`] : [`    ${statement}`];
  });
  if (gaps.length + writes.length === 0) return ["  write() {},"];
  const params = writes.length === 0 ? "$m, $at" : "$m, $at, $value";
  return [`  write(${params}) {`, ...gaps, ...writes, "  },"];
}

/**
 * A union that was read is written again with all its members: those that may not give their bits back, as a NaN or a
 * boolean, come before those that do.
 */
function byFidelity(a: Member, b: Member): number {
  const faithful = ({ inUnion, shape }: Member) =>
    inUnion && (shape.kind === "float" || shape.kind === "bool" || shape.kind === "chars") ? 0 : 1;
  return faithful(a) - faithful(b);
}

/**
 * Byte ranges to be zeroed before the members are written: padding, unions, and bytes that bitfields share. The
 * kernel's own fields are left out.
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

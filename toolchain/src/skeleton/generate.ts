import { settleAlignment } from "./alignment.ts";
import { Budget } from "./budget.ts";
import { type Comments, noComments } from "./comments.ts";
import { doc } from "./doc.ts";
import { declaredEvents, dropCounters } from "./events.ts";
import { type MapDefinition, readMaps } from "./maps.ts";
import { mapSpec, mapType, type TypedMap } from "./mapTypes.ts";
import { Module } from "./module.ts";
import { identifier, Names } from "./names.ts";
import { type BpfObject, type DataSection, readObject } from "./object.ts";
import { hasBytes, type Member, type Shape, Shapes, shapeSize } from "./shapes.ts";
import { emitEnum, emitStruct } from "./structs.ts";
import { hasOwnInput } from "./types.ts";
import { emitView } from "./views.ts";

const RUNTIME = "bpf-app/runtime";

interface Section {
  readonly property: string;
  readonly name: string;
  readonly size: number;
  readonly className: string;
  readonly members: readonly Member[];
}

/** All that a skeleton is written from. */
interface Model {
  readonly name: string;
  readonly local: string;
  readonly object: BpfObject;
  readonly shapes: Shapes;
  readonly maps: readonly TypedMap[];
  readonly sections: readonly Section[];
  readonly mod: Module;
  readonly comments: Comments;
}

/** The text of NAME.skel.ts; the same input gives the same text. */
export function generate(name: string, bytes: Uint8Array, comments: Comments = noComments): string {
  const object = readObject(bytes);
  const budget = new Budget();
  const shapes = new Shapes(object.btf, comments.place, budget);
  const definitions = readMaps(object.btf, object.maps, (map) => comments.place("", map));
  const events = declaredEvents(object.btf, definitions);
  for (const { name: each } of [...definitions, ...object.programs, ...object.sections, ...object.structOps])
    budget.spend(each);
  const drops = dropCounters(definitions, object.sections);
  const properties = Names.forProperties();
  const sections = shapeSections(object, shapes, comments, budget);
  const maps = [
    ...definitions.map((map) => ({
      ...typedMap(map, shapes, properties.take(map.name), events.get(map.name)),
      dropped: dropped(drops.get(map.name), sections),
    })),
    ...object.sections.map((section) => sectionMap(section, properties)),
    ...object.structOps.map((ops) => opaqueMap(ops.name, properties.take(ops.name), "struct_ops")),
  ];
  settleAlignment(shapes.structs, roots(maps, sections));
  const names = Names.forModule();
  const local = names.take(name);
  const classes = sections.map((section) => ({
    ...section,
    className: names.take(`${local}_${section.property}`),
  }));
  nameTypes(shapes, names);
  return write({ name, local, object, shapes, maps, sections: classes, mod: new Module(names), comments });
}

function shapeSections(
  object: BpfObject,
  shapes: Shapes,
  comments: Comments,
  budget: Budget,
): Omit<Section, "className">[] {
  const properties = Names.forProperties();
  return object.sections
    .filter((section) => section.variables.length > 0)
    .map((section) => ({
      property: properties.take(sectionProperty(section.name)),
      name: section.name,
      size: section.size,
      members: variables(section, shapes, comments, budget),
    }));
}

/** `.data.hot` → `data_hot`, as in libbpf's skeletons. */
function sectionProperty(name: string): string {
  return identifier(name.slice(1));
}

function variables(section: DataSection, shapes: Shapes, comments: Comments, budget: Budget): Member[] {
  const names = Names.forProperties();
  const members = section.variables.map(({ name, type, offset, size }) => {
    budget.spend(name);
    const shape = shapes.shape(type, { of: `global ${name}`, place: comments.place("", name) }, name);
    return { name, property: names.take(name), shape, offset, size, inUnion: false, flexible: false };
  });
  return members.map((member) => ({
    ...member,
    bytesProperty: hasBytes(member) ? names.take(`${member.property}$bytes`) : "",
  }));
}

/** `event` is a type declared apart from the map. */
function typedMap(map: MapDefinition, shapes: Shapes, property: string, event?: number): TypedMap {
  const shape = (what: "key" | "value", id: number | undefined) =>
    id === undefined
      ? undefined
      : shapes.shape(id, { of: `${what} of map ${map.name}` }, `${map.name}_${what}`);
  return {
    ...map,
    property,
    key: shape("key", map.key),
    value: shape("value", event ?? map.value),
    inner: map.inner && typedMap(map.inner, shapes, ""),
  };
}

/** Where a map's failed reserves are counted, by the property of the section. */
function dropped(
  counter: { section: string; offset: number } | undefined,
  sections: readonly Omit<Section, "className">[],
): TypedMap["dropped"] {
  const section = sections.find(({ name }) => name === counter?.section);
  return counter && section && { section: section.property, offset: counter.offset };
}

function opaqueMap(name: string, property: string, type: string): TypedMap {
  const sizes = { keySize: 4, valueSize: 0, maxEntries: 1, flags: 0 };
  return { name, property, type, key: undefined, value: undefined, inner: undefined, ...sizes };
}

/** Data sections are maps too: arrays of one element. */
function sectionMap(section: DataSection, properties: Names): TypedMap {
  const property = properties.take(sectionProperty(section.name));
  return { ...opaqueMap(section.name, property, "array"), valueSize: section.size, section: section.name };
}

function roots(
  maps: readonly TypedMap[],
  sections: readonly Pick<Section, "members">[],
): { shape: Shape; at: number }[] {
  const ofMaps = (map: TypedMap | undefined): { shape: Shape; at: number }[] =>
    map === undefined
      ? []
      : [
          ...[map.key, map.value].flatMap((shape) => (shape ? [{ shape, at: shapeSize(shape) }] : [])),
          ...ofMaps(map.inner),
        ];
  return [
    ...maps.flatMap(ofMaps),
    ...sections.flatMap(({ members }) => members.map(({ shape, offset }) => ({ shape, at: offset }))),
  ];
}

/** Types with a name of their own choose first. */
function nameTypes(shapes: Shapes, names: Names): void {
  for (const decl of [...shapes.enums, ...shapes.structs]) decl.name = names.take(decl.wanted);
  for (const decl of shapes.structs) {
    decl.viewName = names.take(`${decl.name}_view`);
    decl.initName = hasOwnInput(decl) ? names.take(`${decl.name}_init`) : decl.name;
  }
}

function write(model: Model): string {
  const { mod, shapes, comments, name } = model;
  const body: string[][] = [
    ...shapes.enums.map((decl) => emitEnum(decl, comments)),
    ...shapes.structs.map((decl) => emitStruct(mod, decl, comments)),
    ...model.sections.map((section) => emitSection(model, section)),
    emitInterface(model),
    emitSkeleton(model),
  ];
  const header = [`// Made by bpf-app from ${name}.bpf.o. Changes are lost with the next build.`];
  return `${[header, mod.imports(RUNTIME), ...body].map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function emitSection({ mod, comments }: Model, section: Section): string[] {
  const title = `\`${section.name}\`, ${section.size} bytes.`;
  const decl = { viewName: section.className, tag: section.name.slice(1), members: section.members };
  const lines = emitView(
    mod,
    { ...decl, align: 8, fixed: true, readOnly: section.name === ".kconfig" },
    comments,
    [title],
  );
  const hoisted = mod.flush();
  return hoisted.length === 0 ? lines : [...hoisted, "", ...lines];
}

function emitInterface({ name, local, object, maps, sections, mod, comments }: Model): string[] {
  const programs = programProperties(object);
  const group = (title: string, members: readonly string[]) =>
    members.length === 0 ? [`  readonly ${title}: {};`] : [`  readonly ${title}: {`, ...members, "  };"];
  const described = (cname: string, line: string) => [
    ...doc(comments.member("", cname), "    "),
    `    ${line}`,
  ];
  return [
    ...doc([`\`${name}.bpf.c\`, opened.`]),
    `export interface ${local} extends ${mod.useType("Skeleton")} {`,
    ...group(
      "maps",
      maps.flatMap((map) => described(map.name, `readonly ${map.property}: ${mapType(mod, map)};`)),
    ),
    ...group(
      "progs",
      programs.flatMap((program) =>
        described(program.name, `readonly ${program.property}: ${mod.useType("Program")};`),
      ),
    ),
    ...group(
      "links",
      linkProperties(object).map((property) => `    ${property}: ${mod.useType("Link")} | undefined;`),
    ),
    ...sections.map((section) => `  readonly ${section.property}: ${section.className};`),
    "}",
  ];
}

function programProperties(object: BpfObject): { name: string; property: string; section: string }[] {
  const names = Names.forProperties();
  return object.programs.map((program) => ({ ...program, property: names.take(program.name) }));
}

/** Links are those of programs, and of struct_ops that attach by link. */
function linkProperties(object: BpfObject): string[] {
  const names = Names.forProperties();
  const linked = object.structOps.filter((ops) => ops.link);
  return [...object.programs, ...linked].map(({ name }) => names.take(name));
}

function emitSkeleton({ name, local, object, maps, sections, mod }: Model): string[] {
  const record = (title: string, entries: readonly (readonly [string, readonly string[]])[]) =>
    entries.length === 0
      ? [`  ${title}: {},`]
      : [
          `  ${title}: {`,
          ...entries.flatMap(([key, lines]) => [`    ${key}: {`, ...lines, "    },"]),
          "  },",
        ];
  const lines = [
    `export const ${local} = ${mod.use("defineSkeleton")}<${local}>({`,
    `  name: ${JSON.stringify(name)},`,
    "  url: import.meta.url,",
    ...record(
      "maps",
      maps.map((map) => [map.property, mapSpec(mod, map, "      ")]),
    ),
    ...record(
      "progs",
      programProperties(object).map((program) => [
        program.property,
        [
          `      name: ${JSON.stringify(program.name)},`,
          `      section: ${JSON.stringify(program.section)},`,
        ],
      ]),
    ),
    ...record(
      "sections",
      sections.map((section) => [
        section.property,
        [
          `      map: ${JSON.stringify(section.name)},`,
          `      size: ${section.size},`,
          `      View: ${section.className},`,
        ],
      ]),
    ),
    "});",
  ];
  const hoisted = mod.flush();
  return hoisted.length === 0 ? lines : [...hoisted, "", ...lines];
}

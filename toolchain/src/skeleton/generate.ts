import { doc } from "./doc.ts";
import { mapSpec, mapType, type TypedMap } from "./map-types.ts";
import type { Model, Section } from "./model.ts";
import { Names } from "./names.ts";
import { ARENA, type BpfObject } from "./object.ts";
import { emitEnum, emitStruct } from "./structs.ts";
import { emitView } from "./views.ts";

/** What the runtime exports for generated files alone. */
const GENERATED = "bpf-app/generated";

/** What is said of a map whose events have a type that nothing declares. */
const INFERRED = ["The type of its events was inferred from what the program sends."];

/** The text of NAME.skel.ts. The same model always gives the same text. */
export function generate(model: Model): string {
  const { mod, shapes, comments, name } = model;
  const body: string[][] = [
    ...shapes.enums.map((decl) => emitEnum(decl, comments)),
    ...shapes.structs.map((decl) => emitStruct(mod, decl, comments)),
    ...model.sections.map((section) => emitSection(model, section)),
    emitInterface(model),
    emitSkeleton(model),
  ];
  const header = [`// Made by bpf-app from ${name}.bpf.o. Changes are lost with the next build.`];
  return `${[header, mod.imports(GENERATED), ...body].map((lines) => lines.join("\n")).join("\n\n")}\n`;
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

/** The map of a section has the section's name. The globals of an arena lie in the map that the object declares. */
function sectionMap(section: Section, maps: readonly TypedMap[]): string[] {
  if (section.name !== ARENA) return [`      map: ${JSON.stringify(section.name)},`];
  const arena = maps.find(({ type }) => type === "arena");
  return [`      map: ${JSON.stringify(arena?.name ?? ARENA)},`, "      arena: true,"];
}

function emitInterface({ name, local, object, maps, sections, mod, comments }: Model): string[] {
  const programs = programProperties(object);
  const group = (title: string, members: readonly string[]) =>
    members.length === 0 ? [`  readonly ${title}: {};`] : [`  readonly ${title}: {`, ...members, "  };"];
  const described = (cname: string, line: string, more: readonly string[] = []) => [
    ...doc([...comments.member("", cname), ...more], "    "),
    `    ${line}`,
  ];
  return [
    ...doc([`\`${name}.bpf.c\`, opened.`]),
    `export interface ${local} extends ${mod.useType("Skeleton")} {`,
    ...group(
      "maps",
      maps.flatMap((map) =>
        described(map.name, `readonly ${map.property}: ${mapType(mod, map)};`, map.inferred ? INFERRED : []),
      ),
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

/** The properties of `links`: one for each program, and one for each struct_ops map that attaches by a link. */
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
          ...sectionMap(section, maps),
          `      size: ${section.size},`,
          `      View: ${mod.use("sealed")}(${section.className}),`,
        ],
      ]),
    ),
    `  helpers: ${JSON.stringify(object.helpers).replaceAll(",", ", ")},`,
    `  subtracts: ${object.subtracts},`,
    "});",
  ];
  const hoisted = mod.flush();
  return hoisted.length === 0 ? lines : [...hoisted, "", ...lines];
}

import type { LibrarySource } from "../inspect/about.ts";
import type { BtfReport, Inspection } from "../inspect/inspect.ts";
import type { ObjectReport } from "../inspect/object.ts";
import type { Paint } from "./paint.ts";
import { table } from "./table.ts";

/** What an executable consists of, for people. */
export function inspectText(of: Inspection, paint: Paint): string {
  const title = (text: string) => `\n${paint("bold", text)}\n`;
  const blocks = [
    `${paint("bold", of.file)}\n${table(identity(of))}`,
    `${title("Linked into it")}${table(Object.entries(of.about.libraries).map(libraryRow))}`,
    ...(of.packages.length > 0
      ? [`${title("Packages of npm in it")}${table(of.packages.map(packageRow))}`]
      : []),
    ...of.btf.map((one) => `${title(`BTF of other kernels for ${one.name}`)}${btfText(one)}`),
    ...of.objects.map((object) => `${title(`BPF object ${object.name}`)}${objectText(object)}`),
    `${title("Needs")}${table(needs(of))}`,
    `${title("Made from")}${table(Object.entries(of.about.inputs).map(([path, sum]) => [path, `sha256 ${sum}`]))}`,
  ];
  return blocks.join("");
}

/** The languages of locales, each once: what LOCALES names. */
function languages(locales: readonly string[] | undefined): string {
  if (locales === undefined) return "none";
  return [...new Set(locales.map((tag) => tag.split("-")[0] as string))].sort().join(", ");
}

function identity(of: Inspection): string[][] {
  const { about, arch, node, locales, buildId, sha256, size, script, addons } = of;
  return [
    ["app", [about.name, about.version].filter(Boolean).join(" ")],
    ["architecture", arch === "x64" ? "x86-64" : arch],
    ["Node", node ?? `unknown (built with ${about.node})`],
    ["languages", languages(locales)],
    ["bpf-app", about.bpfApp],
    ["size", `${size} bytes`],
    ["build id", buildId],
    ["sha256", sha256],
    ["script", `${script.name}, ${script.size} bytes, sha256 ${script.sha256}`],
    ...addons.map((addon) => ["addon", `${addon.name}, ${addon.size} bytes, sha256 ${addon.sha256}`]),
  ];
}

function libraryRow([name, source]: [string, LibrarySource]): string[] {
  const { version, origin, commit, tag, url, package: of, files = [], licence, kernelCommit } = source;
  const exact = commit
    ? [`commit ${commit}`, tag && `(${tag})`, url].filter(Boolean).join(" ")
    : (of ?? files.map((file) => `${file.name} sha256 ${file.sha256}`).join(", "));
  const kernel = kernelCommit && `of bpf-next up to ${kernelCommit}`;
  return [name, version, origin ?? "origin unknown", [exact, kernel, licence].filter(Boolean).join("; ")];
}

function packageRow({ name, version, licence }: Inspection["packages"][number]): string[] {
  return [name, version ?? "", licence ?? "licence unknown"];
}

function objectText({ size, sha256, licence, programs, maps, sections }: ObjectReport): string {
  const variables = sections.flatMap((section) =>
    section.variables.map((one) => [
      `  ${section.name}`,
      `+${one.offset}`,
      `${one.size} bytes`,
      declaration(one.type, one.name),
    ]),
  );
  return [
    table([
      ["size", `${size} bytes, sha256 ${sha256}`],
      ["licence", licence ?? "none: the kernel refuses it the helpers that are for GPL programs only"],
    ]),
    part("programs", [
      ["name", "type", "section", "instructions"],
      ...programs.map((one) => [one.name, one.type, one.section, String(one.instructions)]),
    ]),
    part("maps", [
      ["name", "type", "key", "value", "entries", "flags"],
      ...maps.map((map) => [
        map.name,
        map.type,
        String(map.keySize),
        String(map.valueSize),
        map.maxEntries === 0 ? "-" : String(map.maxEntries),
        [map.flags === 0 ? "" : `0x${map.flags.toString(16)}`, map.pinned ? "pinned" : ""]
          .filter(Boolean)
          .join(" "),
      ]),
    ]),
    part("sections", [["name", "bytes"], ...sections.map((one) => [one.name, String(one.size)])]),
    variables.length > 0 ? `  global variables\n${table(variables)}` : "",
  ].join("");
}

function btfText({ size, sha256, kernels, different }: BtfReport): string {
  return [
    table([
      ["size", `${size} bytes, sha256 ${sha256}`],
      ["kernels", `${kernels.length}, of which ${different} differ`],
    ]),
    part("kernels", [
      ["release", "of", "bytes"],
      ...kernels.map((one) => [one.release, one.from ?? "-", String(one.size)]),
    ]),
  ].join("");
}

/** A variable as C declares it: its dimensions stand behind its name. */
function declaration(type: string, name: string): string {
  const at = type.indexOf("[");
  if (at >= 0) return `${type.slice(0, at)} ${name}${type.slice(at)}`;
  return `${type}${type.endsWith("*") ? "" : " "}${name}`;
}

/** A heading, and rows whose first is the names of the columns; nothing without rows. */
function part(name: string, [head = [], ...rows]: string[][]): string {
  if (rows.length === 0) return "";
  return `  ${name}\n${table([head, ...rows].map(([first = "", ...more]) => [`  ${first}`, ...more]))}`;
}

function needs({ kernel, floors, needs, addons, capabilities, setcap }: Inspection): string[][] {
  const because = kernel.because
    .filter(({ version }) => version === kernel.version)
    .map(({ what }) => what)
    .join(", ");
  const libraries = new Set([needs, ...addons.map((addon) => addon.needs)].flatMap((one) => one.libraries));
  return [
    ["kernel", `Linux ${kernel.version}${because ? `, for ${because}` : ""}`],
    ...Object.entries(floors).map(([library, version]) => [library, `${version} or newer`]),
    ["libraries", [...libraries].sort().join(", ")],
    ...capabilities.map(({ capability, reasons }) => [capability.toLowerCase(), reasons.join(", and ")]),
    ["", `sudo ${setcap}`],
  ];
}

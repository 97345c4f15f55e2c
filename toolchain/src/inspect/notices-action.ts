import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import * as v from "valibot";
import type { Action } from "../run/events.ts";
import { libraryNotice, nodeNotice, type Package, readPackage } from "./collect-notices.ts";
import type { Materials, NodePart } from "./materials.ts";
import type { Notice, Notices } from "./notices.ts";
import { sbomBase } from "./sbom-base.ts";
import { LIBRARIES, LICENCES, type LibraryName, vendoredLibraries } from "./vendored.ts";

/** What bpf-app's own build notes of the packages that it brings along in every file (toolchain/notices.mjs). */
const brought = v.array(
  v.object({
    package: v.looseObject({ name: v.string(), version: v.string() }),
    texts: v.array(v.object({ file: v.string(), text: v.string() })),
  }),
);

const ARCHIVES: Readonly<Record<LibraryName, string>> = {
  libbpf: "libbpf.a",
  libelf: "libelf.a",
  zlib: "libz.a",
};

/**
 * The action `bpf-app notices NAME LICENCES SBOM --node EXECUTABLE --include FOLDER --version VERSION --sum FILE --packages FILE
 * --toolchain FOLDER --addon-api FOLDER --archives FOLDER --depfile FILE [--licence FILE]`. It writes two assets of a file: the
 * licences of all that is in it, and the bill of materials as far as a build knows it. Neither has a date or a path.
 */
export const noticesAction: Action = async (args, { root }) => {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  const [name = "", licences = "", sbom = ""] = positionals;
  const value = (key: keyof typeof OPTIONS) => values[key] ?? "";
  const at = (path: string) => resolve(root, path);
  const read = new Set<string>();
  const libraries = await vendoredLibraries(root);
  const app = noted(readPackage(root, "", "app"), read);
  const folders = JSON.parse(readFileSync(at(value("packages")), "utf8")) as string[];
  const toolchain = noted(readPackage(root, value("toolchain")), read);
  const addon = noted(readPackage(root, value("addon-api")), read);
  const others = broughtBy(at(value("toolchain")));
  const own = [toolchain, addon, ...others];
  const bundled = unique(
    folders.map((folder) => noted(readPackage(root, folder), read)),
    own,
  );
  const node = nodeNotice(value("version"), values.licence === undefined ? undefined : at(values.licence));
  const notices: Notices = {
    format: 1,
    notices: [
      { ...app.notice, name },
      node,
      ...LIBRARIES.map((one) => libraryNotice(root, one, libraries[one], (path) => read.add(path))),
      ...unique(own, []).map(({ notice }) => notice),
      ...bundled.map(({ notice }) => notice),
    ],
  };
  const materials: Materials = {
    name,
    app: app.json,
    node: nodeMaterials(root, value("version"), value("node"), value("include"), value("sum")),
    libraries: withLicences(libraries),
    archives: archivesIn(at(value("archives"))),
    toolchain: toolchain.json,
    addon: addon.json,
    brought: others.map(({ json }) => json),
    bundled: bundled.map(({ json }) => json),
  };
  writeFileSync(at(licences), `${JSON.stringify(notices, null, 1)}\n`);
  writeFileSync(at(sbom), `${sbomBase(materials)}\n`);
  writeFileSync(at(value("depfile")), depfile(licences, read));
  return undefined;
};

const OPTIONS = {
  node: { type: "string" },
  include: { type: "string" },
  version: { type: "string" },
  sum: { type: "string" },
  packages: { type: "string" },
  toolchain: { type: "string" },
  "addon-api": { type: "string" },
  archives: { type: "string" },
  depfile: { type: "string" },
  licence: { type: "string" },
} as const;

function noted(one: Package, read: Set<string>): Package {
  for (const path of one.read) read.add(path);
  return one;
}

/** Each package once, in the order of names: two folders may hold the same one, and what comes along anyway is said there. */
function unique(packages: readonly Package[], others: readonly Package[]): Package[] {
  const key = ({ notice }: Package) => `${notice.name} ${notice.version ?? ""}`;
  const known = new Set(others.map(key));
  const found = new Map<string, Package>();
  for (const one of packages) if (!known.has(key(one)) && !found.has(key(one))) found.set(key(one), one);
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

function broughtBy(toolchain: string): Package[] {
  const path = join(toolchain, "dist/brought.json");
  if (!existsSync(path)) return [];
  const entries = v.parse(brought, JSON.parse(readFileSync(path, "utf8")));
  return entries.map(({ package: json, texts }) => {
    const { name, version, license } = json;
    const licence = typeof license === "string" ? { licence: license } : {};
    const notice: Notice = { kind: "package", name, version, ...licence, texts };
    return { json, notice, read: [] };
  });
}

function withLicences(libraries: Awaited<ReturnType<typeof vendoredLibraries>>): Materials["libraries"] {
  const one = (name: LibraryName) => ({ licence: LICENCES[name], ...libraries[name] });
  return { libbpf: one("libbpf"), libelf: one("libelf"), zlib: one("zlib") };
}

function archivesIn(folder: string): Record<LibraryName, string> {
  const sum = (name: LibraryName) =>
    createHash("sha256")
      .update(readFileSync(join(folder, ARCHIVES[name])))
      .digest("hex");
  return { libbpf: sum("libbpf"), libelf: sum("libelf"), zlib: sum("zlib") };
}

function nodeMaterials(
  root: string,
  version: string,
  executable: string,
  include: string,
  sum: string,
): Materials["node"] {
  return {
    version,
    sha256: readFileSync(resolve(root, sum), "latin1").trim(),
    package: /node_modules\/(node-linux-[a-z0-9]+)\/bin\/node$/.exec(executable)?.[1],
    parts: nodeParts(resolve(root, include)),
  };
}

/** The versions of what Node is made of, by their own headers, which lie among Node's. */
function nodeParts(include: string): Partial<Record<NodePart, string>> {
  const numbers = (file: string, ...names: readonly string[]) => {
    const path = join(include, file);
    if (!existsSync(path)) return undefined;
    const text = readFileSync(path, "latin1");
    const found = names.map((name) => new RegExp(`#\\s*define ${name} "?([^"\\s]+)`).exec(text)?.[1]);
    return found.includes(undefined) ? undefined : found.join(".");
  };
  const openssl = "openssl/archs/linux-x86_64/asm/include/openssl/opensslv.h";
  const found = {
    openssl: numbers(openssl, "OPENSSL_VERSION_STR"),
    uv: numbers("uv/version.h", "UV_VERSION_MAJOR", "UV_VERSION_MINOR", "UV_VERSION_PATCH"),
    v8: numbers("v8-version.h", "V8_MAJOR_VERSION", "V8_MINOR_VERSION", "V8_BUILD_NUMBER", "V8_PATCH_LEVEL"),
    zlib: numbers("zlib.h", "ZLIB_VERSION"),
  };
  return Object.fromEntries(Object.entries(found).filter(([, version]) => version !== undefined));
}

/** In make's format. */
function depfile(target: string, read: ReadonlySet<string>): string {
  const escaped = [...read]
    .sort()
    .map((path) => path.replaceAll(/([ #\\])/g, "\\$1").replaceAll("$", "$$$$"));
  return `${target}: ${escaped.join(" \\\n  ")}\n`;
}

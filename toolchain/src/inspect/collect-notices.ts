import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { licenceFiles } from "../base/licence-files.ts";
import type { LibrarySource } from "./about.ts";
import type { Notice } from "./notices.ts";
import { LICENCES, type LibraryName } from "./vendored.ts";

/** What of a package.json is looked at. It was written by anybody, so nothing of it is sure. */
export interface PackageJson {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly license?: unknown;
  readonly licenses?: unknown;
  readonly author?: unknown;
  readonly [more: string]: unknown;
}

/** A package whose code is in an executable. */
export interface Package {
  readonly json: PackageJson;
  readonly notice: Notice;
  /** The files that were read to learn it, beginning with the folder as it was given. */
  readonly read: readonly string[];
}

/** Reads a package in `folder`, which is relative to `root`. */
export function readPackage(root: string, folder: string, kind: Notice["kind"] = "package"): Package {
  const file = join(folder, "package.json");
  const json = packageJson(resolve(root, file));
  const name = textOf(json?.name) ?? /(?:@[^/]+\/)?[^/]*$/.exec(folder)?.[0] ?? "";
  const texts = licenceTexts(root, folder);
  const notice = packageNotice(kind, { ...json, name }, texts);
  return {
    json: { ...json, name },
    notice,
    read: [...(json ? [file] : []), ...texts.map((one) => join(folder, one.file))],
  };
}

function packageJson(path: string): PackageJson | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return typeof value === "object" && value !== null ? (value as PackageJson) : undefined;
  } catch {
    // A package manager that keeps its packages in archives has no such file.
    return undefined;
  }
}

function packageNotice(kind: Notice["kind"], json: PackageJson, texts: Notice["texts"]): Notice {
  const version = textOf(json.version);
  const licence = licenceOf(json);
  const author = authorOf(json.author);
  const says =
    licence === undefined ? "its package.json names no licence" : `its package.json says ${licence}`;
  const missing =
    texts.length > 0
      ? undefined
      : `${kind === "app" ? "The app has" : "The package has"} no licence text; ${says}${author && kind !== "app" ? `, by ${author}` : ""}.`;
  return {
    kind,
    name: String(json.name),
    ...(version === undefined ? {} : { version }),
    ...(licence === undefined ? {} : { licence }),
    ...(author === undefined ? {} : { author }),
    ...(missing === undefined ? {} : { missing }),
    texts,
  };
}

/** Before SPDX expressions, `license` could be `{ type, url }`, and `licenses` an array of those. */
function licenceOf({ license, licenses }: PackageJson): string | undefined {
  const one = (value: unknown) =>
    textOf(value) ?? textOf((value as { readonly type?: unknown } | null | undefined)?.type);
  const several = Array.isArray(licenses) ? licenses.flatMap((value) => one(value) ?? []) : [];
  return one(license) ?? (several.length > 0 ? several.join(" OR ") : undefined);
}

/** `Jane <jane@example.org>`, or the same as an object. Addresses of persons are left out. */
function authorOf(author: unknown): string | undefined {
  const name = textOf(author) ?? textOf((author as { readonly name?: unknown } | null | undefined)?.name);
  return name?.replaceAll(/\s*(?:<[^>]*>|\([^)]*\))/g, "").trim() || undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value.slice(0, 4096) : undefined;
}

function licenceTexts(root: string, folder: string): { file: string; text: string }[] {
  return licenceFiles(resolve(root, folder)).map((file) => ({
    file,
    text: readText(resolve(root, folder, file)),
  }));
}

function readText(path: string): string {
  return `${readFileSync(path, "utf8").replaceAll("\r\n", "\n").trimEnd()}\n`;
}

/** The licence of Node and of what it is made of, which a release of Node has in one text. */
export function nodeNotice(version: string, licence: string | undefined): Notice {
  const where = `https://github.com/nodejs/node/blob/v${version}/LICENSE`;
  return {
    kind: "node",
    name: "Node.js",
    version,
    licence: "MIT",
    author: "Node.js contributors",
    ...(licence === undefined
      ? {
          missing: `No LICENSE lay beside the Node that was embedded. It is MIT, with the licences of what it is made of: ${where}`,
        }
      : {}),
    texts: licence === undefined ? [] : [{ file: "LICENSE", text: readText(licence) }],
  };
}

/** The licence of a library in vendor/. */
export function libraryNotice(
  root: string,
  name: LibraryName,
  { version, licence = LICENCES[name] }: LibrarySource,
  read: (path: string) => void,
): Notice {
  const folder = `vendor/${name}`;
  const texts = licenceTexts(root, folder);
  for (const { file } of texts) read(`${folder}/${file}`);
  // zlib before 1.2.13 has its licence in its header alone.
  const header = resolve(root, folder, "zlib.h");
  if (texts.length === 0 && name === "zlib" && existsSync(header)) {
    const notice = /\/\*([\s\S]*?)\*\//.exec(readText(header))?.[1];
    read(`${folder}/zlib.h`);
    if (notice !== undefined) texts.push({ file: "zlib.h", text: `${notice.trim()}\n` });
  }
  return {
    kind: "library",
    name,
    version,
    licence,
    ...(texts.length > 0 ? {} : { missing: `${folder} has no licence text; its licence is ${licence}.` }),
    texts,
  };
}

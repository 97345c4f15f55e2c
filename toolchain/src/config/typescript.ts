import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, isAbsolute, join, normalize, relative } from "node:path";
import { parse } from "jsonc-parser";

/** The TypeScript project of an app. Paths inside of the app are relative to it. */
export interface TypeScriptProject {
  /** tsconfig.json, and the configurations that it extends. */
  readonly configs: readonly string[];
  /**
   * The TypeScript files below the folders that the configuration includes, with more than it takes of them rather than
   * with less. A file that is new here is checked too, whether or not something imports it.
   */
  readonly files: readonly string[];
}

const CONFIG = "tsconfig.json";
/** Folders in which no sources of the app lie. What is imported from them is found by the compiler. */
const FOREIGN: ReadonlySet<string> = new Set(["node_modules", "vendor", "dist", ".output", ".git"]);
/** The first component of a pattern that stands for more than one name. */
const WILD = /[*?{]/;

interface Parsed {
  readonly extends?: unknown;
  readonly include?: unknown;
  readonly files?: unknown;
}

/** Finds what the type checker of the app in `root` starts from; undefined if there is no tsconfig.json. */
export function findProject(root: string): TypeScriptProject | undefined {
  if (!existsSync(join(root, CONFIG))) return undefined;
  const configs = new Map<string, Parsed>();
  collect(join(root, CONFIG), configs);
  const named = [...configs].flatMap(([file, { include, files }]) =>
    [...strings(include), ...strings(files)].map((pattern) => join(dirname(file), baseOf(pattern))),
  );
  const files = new Set<string>();
  const inside = (path: string) => fromRoot(root, path);
  for (const base of named.length > 0 ? named : [root]) if (!isGenerated(inside(base))) list(base, files);
  return { configs: [...configs.keys()].map(inside), files: [...files].map(inside).sort() };
}

/** The configuration and those that it extends, each with its text's meaning. What is wrong in them tsc will say. */
function collect(file: string, found: Map<string, Parsed>): void {
  if (found.has(file)) return;
  const value: unknown = parse(readFileSync(file, "utf8"), [], { allowTrailingComma: true });
  const config: Parsed = typeof value === "object" && value !== null ? value : {};
  found.set(file, config);
  for (const name of strings(config.extends)) {
    const parent = resolveParent(file, name);
    if (parent !== undefined) collect(parent, found);
  }
}

/** The file that `extends` names: by its path, with or without `.json`, or in a package. */
function resolveParent(from: string, name: string): string | undefined {
  if (isAbsolute(name) || /^\.{1,2}(\/|$)/.test(name)) {
    const path = isAbsolute(name) ? normalize(name) : join(dirname(from), name);
    return [path, `${path}.json`].find((one) => statSync(one, { throwIfNoEntry: false })?.isFile());
  }
  const { resolve } = createRequire(from);
  for (const path of [name, `${name}.json`, `${name}/tsconfig.json`]) {
    try {
      return resolve(path);
    } catch {
      // The next spelling may be the one.
    }
  }
  return undefined;
}

/** The part of a pattern before its first wildcard: a folder, or a file. */
function baseOf(pattern: string): string {
  const parts = pattern.split("/");
  const wild = parts.findIndex((part) => WILD.test(part));
  return parts.slice(0, wild < 0 ? undefined : wild).join("/");
}

/** The skeletons are made by the build, which knows of them without looking. */
function isGenerated(path: string): boolean {
  return path === ".output" || path.startsWith(".output/");
}

function list(path: string, found: Set<string>): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile()) found.add(path);
  if (!stat?.isDirectory()) return;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) {
      if (!FOREIGN.has(entry.name)) list(join(path, entry.name), found);
    } else if (/\.[cm]?tsx?$/.test(entry.name)) found.add(join(path, entry.name));
  }
}

function strings(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === "string");
}

function fromRoot(root: string, path: string): string {
  const inside = relative(root, path);
  return inside.startsWith("..") || isAbsolute(inside) ? path : inside;
}

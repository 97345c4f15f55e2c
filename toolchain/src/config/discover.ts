import { existsSync, readdirSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { Failure } from "../base/failure.ts";
import { readText } from "../base/replace-file.ts";
import { sourceFlags } from "./source-flags.ts";

/** A kernel side: `src/NAME.bpf.c` becomes the skeleton NAME. */
export interface Program {
  readonly name: string;
  readonly source: string;
  /** Whether the source, or a header of the app that it includes, says `#include "vmlinux.h"`. */
  readonly vmlinux: boolean;
  /** The headers of the app that the source includes. The comments on their fields go into the skeleton. */
  readonly headers: readonly string[];
  /** More flags for this source: those of its own lines `// bpf-app: FLAGS`, and then those of the configuration. */
  readonly cflags: readonly string[];
  /** The C types of the events of maps that the configuration names, by the map. */
  readonly events: Readonly<Record<string, string>>;
}

/** A user side: `src/NAME.ts` becomes `dist/NAME` if it lies beside a `NAME.bpf.c`, or if the configuration names it. */
export interface Target {
  readonly name: string;
  readonly entry: string;
  /** The skeletons that the entry, or a file of the app that it imports, uses. Their addons are embedded. */
  readonly skeletons: readonly string[];
  /** The files of the app that the entry consists of: itself, and those that it imports. */
  readonly files: readonly string[];
}

/**
 * Finds programs and targets by convention. It reads the sources of the app, which are a few small files, because the
 * plan depends on which skeletons a target embeds and on whether vmlinux.h is needed.
 *
 * @param named - the targets that the configuration names
 * @throws Failure no-programs, bad-program-name, bad-source-flag, skeleton-without-source, target-without-source
 */
export function discover(
  root: string,
  named: readonly string[] = [],
): { programs: Program[]; targets: Target[] } {
  const src = join(root, "src");
  const files = existsSync(src) ? readdirSync(src).sort() : [];
  const programs = files.filter((f) => f.endsWith(".bpf.c")).map((f) => program(root, f));
  if (programs.length === 0) throw new Failure("config", { kind: "no-programs", root });
  const names = new Set(programs.map((p) => p.name));
  const missing = named.find((name) => !files.includes(`${name}.ts`));
  if (missing !== undefined) throw new Failure("config", { kind: "target-without-source", name: missing });
  const beside = programs.map(({ name }) => name).filter((name) => files.includes(`${name}.ts`));
  const targets = [...new Set([...beside, ...named])].map((name) => target(root, name, names));
  return { programs, targets };
}

function program(root: string, file: string): Program {
  const name = file.slice(0, -".bpf.c".length);
  const source = `src/${file}`;
  // bpftool makes C identifiers from the name, and the skeleton exports an object of that name.
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new Failure("config", { kind: "bad-program-name", name, path: source });
  }
  const headers = new Set<string>();
  const vmlinux = includesVmlinux(root, source, headers);
  const cflags = sourceFlags(source, read(root, source));
  return { name, source, vmlinux, headers: [...headers].sort(), cflags, events: {} };
}

function includesVmlinux(root: string, file: string, headers: Set<string>): boolean {
  let found = false;
  for (const [, quoted, angled] of read(root, file).matchAll(/^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)/gm)) {
    const header = (quoted ?? angled) as string;
    if (header === "vmlinux.h") found = true;
    const local = quoted === undefined ? undefined : normalize(join(dirname(file), quoted));
    if (!local || headers.has(local) || !existsSync(join(root, local))) continue;
    headers.add(local);
    if (includesVmlinux(root, local, headers)) found = true;
  }
  return found;
}

function target(root: string, name: string, known: ReadonlySet<string>): Target {
  const entry = `src/${name}.ts`;
  const skeletons = new Set<string>();
  const files = new Set<string>();
  collectSkeletons(root, entry, skeletons, files);
  for (const skeleton of skeletons) {
    if (!known.has(skeleton)) {
      throw new Failure("config", { kind: "skeleton-without-source", name: skeleton, path: entry });
    }
  }
  return { name, entry, skeletons: [...skeletons].sort(), files: [...files].sort() };
}

// Static and dynamic import specifiers. One that stands in a comment is found as well: then an addon is embedded that
// nobody uses, but none is ever missing.
const SPECIFIER = /(?:from|import)\s*\(?\s*["']([^"'\n]+)["']/g;

function collectSkeletons(root: string, file: string, skeletons: Set<string>, seen: Set<string>): void {
  if (seen.has(file)) return;
  seen.add(file);
  for (const [, specifier] of read(root, file).matchAll(SPECIFIER)) {
    const path = specifier as string;
    const skeleton = /([^/]+)\.skel(?:\.[cm]?[jt]s)?$/.exec(path);
    if (skeleton) skeletons.add(skeleton[1] as string);
    else if (path.startsWith(".")) {
      const local = resolveLocal(root, normalize(join(dirname(file), path)));
      if (local) collectSkeletons(root, local, skeletons, seen);
    }
  }
}

function resolveLocal(root: string, path: string): string | undefined {
  const stem = path.replace(/\.js$/, "");
  return [path, `${stem}.ts`, `${path}.ts`, `${path}/index.ts`].find(
    (p) => /\.[cm]?[jt]sx?$/.test(p) && existsSync(join(root, p)),
  );
}

function read(root: string, file: string): string {
  return readText(join(root, file));
}

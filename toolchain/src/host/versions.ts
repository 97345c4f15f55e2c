import { Failure } from "../base/failure.ts";
import { installOfProgram } from "../base/packages.ts";
import type { Tool } from "./tool.ts";

/**
 * Refuses a version that is too old to build what we generate. What decides is, for clang, its CO-RE relocations; for the
 * C++ compiler, C++17; for make, a jobserver that parallel jobs share.
 *
 * @param path the folders to search for a package manager, as in PATH
 * @throws Failure not-gnu-make, tool-too-old
 */
export function requireVersion(tool: Tool, path: string): void {
  const { name, version } = tool;
  if (name === "clang") needs(tool, /clang version (\d+)/, 11, path);
  if (name === "c++" && !/clang/i.test(version)) needs(tool, /\s(\d+)\.\d+/, 8, path);
  if (name !== "make") return;
  if (!/GNU Make/.test(version)) {
    throw new Failure("host", { kind: "not-gnu-make", path: tool.path, version });
  }
  needs(tool, /GNU Make (\d+)/, 4, path);
}

function needs(tool: Tool, pattern: RegExp, oldest: number, path: string): void {
  const major = Number(pattern.exec(tool.version)?.[1]);
  if (major >= oldest || Number.isNaN(major)) return;
  throw new Failure("host", {
    kind: "tool-too-old",
    tool: tool.name,
    version: tool.version,
    needs: String(oldest),
    install: installOfProgram(tool.name, path),
  });
}

/** What programs can use from a version of clang on, in the order of the versions. */
const CLANG_FEATURES: readonly (readonly [version: number, feature: string])[] = [
  [12, "atomics that return a value (-mcpu=v3)"],
  [15, "tags on types (__kptr, __user)"],
  [18, "the instructions of -mcpu=v4"],
  [19, "arena maps"],
];

/** What of C this clang does not know yet, as a sentence; undefined for one that knows all that is listed here. */
export function lacksFeatures({ name, version }: Tool): string | undefined {
  const major = Number(/clang version (\d+)/.exec(version)?.[1]);
  if (name !== "clang" || Number.isNaN(major)) return undefined;
  const lacking = CLANG_FEATURES.filter(([since]) => major < since);
  if (lacking.length === 0) return undefined;
  return `It does not know ${lacking.map(([since, feature]) => `${feature} (clang ${since})`).join(", ")}.`;
}

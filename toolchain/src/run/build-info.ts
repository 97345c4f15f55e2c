import { isAbsolute, join } from "node:path";

/** The part of TypeScript's `.tsbuildinfo` that says what a project was made of. Before TypeScript 5.6 it is nested. */
interface BuildInfo {
  readonly fileNames?: unknown;
  /** Since TypeScript 7: the descriptions of packages that were read, and those that were looked for in vain. */
  readonly packageJsons?: unknown;
  readonly missingPackageJsons?: unknown;
  readonly program?: BuildInfo;
}

/**
 * The files that TypeScript has read, or has looked for in vain, as its `.tsbuildinfo` names them: relative to that
 * file's folder, which is `folder`. The declarations of its own library are named without a folder and left out: they are
 * part of the program. Undefined for a text of another form.
 */
export function parseBuildInfo(text: string, folder: string): string[] | undefined {
  const { program, ...whole } = parse(text);
  const { fileNames, packageJsons, missingPackageJsons } = { ...program, ...whole };
  if (!Array.isArray(fileNames)) return undefined;
  return [fileNames, packageJsons, missingPackageJsons]
    .flatMap((list): unknown[] => (Array.isArray(list) ? list : []))
    .filter((name): name is string => typeof name === "string" && name.includes("/"))
    .map((name) => (isAbsolute(name) ? name : join(folder, name)));
}

function parse(text: string): BuildInfo {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

import { builtinModules } from "node:module";

/** Names that npm does not accept for a package: two of its own, and those of Node's modules. */
const RESERVED = ["node_modules", "favicon.ico", ...builtinModules];

/**
 * Makes a valid name of an npm package from a folder's name.
 *
 * @param taken the names of the packages on which the app depends, because npm refuses to install a package into one of
 * the same name
 */
export function packageName(folder: string, taken: readonly string[] = []): string {
  const name = folder
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/-{2,}/g, "-")
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, "")
    .slice(0, 200);
  if (name === "") return "my-bpf-app";
  return [...RESERVED, ...taken].includes(name) ? `${name}-app` : name;
}

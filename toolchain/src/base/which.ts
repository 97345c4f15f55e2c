import { existsSync, readdirSync } from "node:fs";
import { delimiter, resolve } from "node:path";
import npmWhich from "which";

/** Finds a program in the folders of `path` as a shell would; a name with a slash in it is a file. */
export function which(command: string, path: string): string | undefined {
  const found = npmWhich.sync(command, { path, nothrow: true });
  return found === null ? undefined : resolve(found);
}

/** What Debian calls the programs of which a machine may have numbered versions alone. */
const NUMBERED: Readonly<Record<string, string>> = { clang: "clang", cc: "gcc", "c++": "g++" };

/** Finds a program as `which` does; a compiler also by its newest numbered name, such as clang-19. */
export function findTool(command: string, path: string): string | undefined {
  const plain = which(command, path);
  const stem = NUMBERED[command];
  if (plain || !stem) return plain;
  const numbers = path
    .split(delimiter)
    .flatMap((dir) => (existsSync(dir) ? readdirSync(dir) : []))
    .flatMap((name) => (name.startsWith(`${stem}-`) ? [Number(name.slice(stem.length + 1))] : []))
    .filter(Number.isInteger)
    .sort((a, b) => b - a);
  return numbers.map((number) => which(`${stem}-${number}`, path)).find((file) => file !== undefined);
}

import { existsSync, readdirSync } from "node:fs";
import { delimiter, resolve } from "node:path";
import npmWhich from "which";

/** Finds a program in the folders of `path`, as a shell would. A name that contains a slash is taken as a file. */
export function which(command: string, path: string): string | undefined {
  const found = npmWhich.sync(command, { path, nothrow: true });
  return found === null ? undefined : resolve(found);
}

/** Compilers that Debian can install as numbered versions only, by the name that the number follows. */
const NUMBERED: Readonly<Record<string, string>> = { clang: "clang", cc: "gcc", "c++": "g++" };

/** Finds a program as `which` does. A compiler is also found by its newest numbered name, such as clang-19. */
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

// Whether the C and C++ of the project has the style of the .clang-format files: node test/check/c-style.ts [--write].
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { format } from "@wasm-fmt/clang-format";
import { ROOT } from "../root.ts";

if (import.meta.main) process.exitCode = main(process.argv.includes("--write"));

function main(write: boolean): number {
  const files = sources();
  let others = 0;
  for (const file of files) {
    const path = join(ROOT, file);
    const text = readFileSync(path, "utf8");
    const wanted = formatted(file, text);
    if (wanted === text) continue;
    others++;
    if (write) writeFileSync(path, wanted);
    console.error(write ? `formatted ${file}` : `${file} has another style than .clang-format says`);
  }
  if (others > 0 && !write) {
    console.error("Give them that style: npm run format");
    return 1;
  }
  console.log(`${files.length} files of C and C++ have the style of .clang-format`);
  return 0;
}

/** Every file of C or C++ that people write, by its path from the project's folder. */
export function sources(): string[] {
  const exclude = ["node_modules", "dist", ".output"].map((name) => `**/${name}/**`);
  return globSync("{create,templates,test,toolchain,vendor}/**/*.{c,cc,h}", { cwd: ROOT, exclude }).sort();
}

/** The text of a file of that path, in the style of its folder. */
export function formatted(file: string, text: string): string {
  const path = join(ROOT, file);
  return format(text, path, readFileSync(styleOf(path), "utf8"));
}

/** The closest of the .clang-format files above, as editors look for it. */
function styleOf(path: string): string {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const style = join(folder, ".clang-format");
    if (existsSync(style)) return style;
    if (folder === dirname(folder)) throw new Error(`there is no .clang-format above ${path}`);
  }
}

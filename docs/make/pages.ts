// Pages that are made of something in the sources: which are not current, and writing those.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readIfThere } from "../../toolchain/src/base/replace-file.ts";

const ROOT = join(import.meta.dirname, "../..");

/** What generated pages should hold, by their paths from the project's folder. */
export type Pages = Readonly<Record<string, string>>;

/** Which of the pages are not as they should be. */
export function stalePages(pages: Pages): string[] {
  return Object.entries(pages).flatMap(([path, text]) =>
    readIfThere(join(ROOT, path)) === text ? [] : [path],
  );
}

/** Writes those that are not, and says which. */
export function writePages(pages: Pages): void {
  for (const path of stalePages(pages)) {
    mkdirSync(join(ROOT, dirname(path)), { recursive: true });
    writeFileSync(join(ROOT, path), pages[path]!);
    console.log(`${path}: written`);
  }
}

// `npm run docs` writes the pages that are made of tables in the sources. A test fails while they are not current.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configurationPage } from "./configuration.ts";
import { troubleshootingPage } from "./troubleshooting.ts";

const ROOT = join(import.meta.dirname, "../..");

/** What the generated pages should hold, by their paths from the project's folder. */
export function generatedPages(): Readonly<Record<string, string>> {
  return {
    "docs/configuration.md": configurationPage(),
    "docs/troubleshooting.md": troubleshootingPage(),
  };
}

/** Which of the pages are not as they should be. */
export function stalePages(pages: Readonly<Record<string, string>>): string[] {
  return Object.entries(pages).flatMap(([path, text]) => (textOf(join(ROOT, path)) === text ? [] : [path]));
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

if (import.meta.main) {
  const pages = generatedPages();
  for (const path of stalePages(pages)) {
    writeFileSync(join(ROOT, path), pages[path]!);
    console.log(`${path}: written`);
  }
}

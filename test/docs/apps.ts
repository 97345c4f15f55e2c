// The app that a page starts in, or that all pages are compiled in.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { App } from "../build/app.ts";

/** Makes an app of a template in `parent`, named `my-tool` as on the pages. Returns its folder. */
export function makeApp(parent: string, template: string): string {
  const made = App.make(template).dir;
  const folder = join(parent, "my-tool");
  renameSync(made, folder);
  for (const file of ["package.json", "package-lock.json", "README.md"]) {
    const path = join(folder, file);
    const text = readFileSync(path, "utf8");
    writeFileSync(
      path,
      text.replaceAll('"name": "app"', '"name": "my-tool"').replace(/^# app$/m, "# my-tool"),
    );
  }
  return folder;
}

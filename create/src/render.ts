import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import Handlebars from "handlebars";
import { COMMON, type Template } from "../../toolchain/src/base/template.ts";
import type { Manager } from "./managers.ts";

/** The values that the .hbs files of templates/_app can use. */
export interface Context {
  /** The name of the app's package. */
  readonly name: string;
  readonly template: Template;
  readonly manager: Manager;
  /** Whether the vendored sources may be submodules, which a clone has to fetch. */
  readonly submodules: boolean;
  /** The text of the template's README below its title. */
  readonly about: string;
  readonly dependencies: Versions;
  readonly devDependencies: Versions;
}

/** Packages and their versions, in the order of package.json. */
type Versions = readonly { readonly name: string; readonly version: string }[];

/** One file of an app. */
export interface AppFile {
  /** Relative to the app. */
  readonly path: string;
  readonly text: string;
  /** The permissions with which it is created. */
  readonly mode: number;
}

/** The files that all apps have in common, those that its package manager needs, and those of the template. */
export async function render(templates: string, context: Omit<Context, "about">): Promise<AppFile[]> {
  const about = (await readFile(join(context.template.folder, "README.md"), "utf8"))
    .replace(/^# .*\n+/, "")
    .trimEnd();
  const full: Context = { ...context, about };
  const extra = join(templates, `_${context.manager.name}`);
  const files = [
    ...(await read(join(templates, COMMON), "", full)),
    ...(existsSync(extra) ? await read(extra, "", full) : []),
    ...(await read(join(context.template.folder, "src"), "src", full)),
  ];
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Writes files into a folder. */
export async function writeFiles(folder: string, files: readonly AppFile[]): Promise<void> {
  for (const { path, text, mode } of files) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text, { mode });
  }
}

async function read(from: string, to: string, context: Context): Promise<AppFile[]> {
  const entries = await readdir(from, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries
      .filter((one) => one.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        const text = await readFile(path, "utf8");
        const { mode } = await stat(path);
        return {
          path: join(to, plainName(path.slice(from.length + 1))),
          text: entry.name.endsWith(".hbs") ? fill(text, context) : text,
          mode: mode & 0o111 ? 0o755 : 0o644,
        };
      }),
  );
}

/** npm leaves a .gitignore out of packages. So the templates have an underscore in place of a dot. */
function plainName(path: string): string {
  return path.replace(/\.hbs$/, "").replace(/^_/, ".");
}

function fill(text: string, context: Context): string {
  const { manager } = context;
  const handlebars = Handlebars.create();
  handlebars.registerHelper("json", (value: unknown) => JSON.stringify(value));
  // As setcap(8) takes them: cap_bpf,cap_perfmon
  handlebars.registerHelper("setcap", (names: readonly string[]) => names.join(",").toLowerCase());
  handlebars.registerHelper("is", (a: unknown, b: unknown) => a === b);
  handlebars.registerHelper("run", (script: string) => manager.run(script));
  // A command of a list, before its explanation.
  handlebars.registerHelper("line", (script: string, arg: unknown) =>
    manager.run(script, typeof arg === "string" ? [arg] : []).padEnd(27),
  );
  return handlebars.compile(text, { noEscape: true, strict: true })(context);
}

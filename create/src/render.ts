import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import Handlebars from "handlebars";
import { COMMON, type Template } from "../../toolchain/src/base/template.ts";

/** The values that the .hbs files of templates/_app can use. */
export interface Context {
  /** The name of the app's package. */
  readonly name: string;
  readonly template: Template;
  /** The text of the template's README below its title. */
  readonly about: string;
  readonly dependencies: Versions;
  readonly devDependencies: Versions;
}

/** Packages and their versions, in the order of package.json. */
type Versions = readonly { readonly name: string; readonly version: string }[];

/** Writes the files that all apps have in common, and those of the template, into `folder`. */
export async function render(
  templates: string,
  folder: string,
  context: Omit<Context, "about">,
): Promise<void> {
  const about = (await readFile(join(context.template.folder, "README.md"), "utf8"))
    .replace(/^# .*\n+/, "")
    .trimEnd();
  const full: Context = { ...context, about };
  await copy(join(templates, COMMON), folder, full);
  await copy(join(context.template.folder, "src"), join(folder, "src"), full);
}

async function copy(from: string, to: string, context: Context): Promise<void> {
  for (const entry of (await readdir(from, { recursive: true, withFileTypes: true })).filter((one) =>
    one.isFile(),
  )) {
    const path = join(entry.parentPath, entry.name);
    const text = await readFile(path, "utf8");
    const target = join(to, plainName(path.slice(from.length + 1)));
    await mkdir(dirname(target), { recursive: true });
    const { mode } = await stat(path);
    await writeFile(target, entry.name.endsWith(".hbs") ? fill(text, context) : text, {
      mode: mode & 0o111 ? 0o755 : 0o644,
    });
  }
}

/** npm leaves a .gitignore out of packages. So the templates have an underscore in place of its dot. */
function plainName(path: string): string {
  return path.replace(/\.hbs$/, "").replace(/(^|\/)_(gitignore|editorconfig)$/, "$1.$2");
}

function fill(text: string, context: Context): string {
  const handlebars = Handlebars.create();
  handlebars.registerHelper("json", (value: unknown) => JSON.stringify(value));
  // As setcap(8) takes them: cap_bpf,cap_perfmon
  handlebars.registerHelper("setcap", (names: readonly string[]) => names.join(",").toLowerCase());
  return handlebars.compile(text, { noEscape: true, strict: true })(context);
}

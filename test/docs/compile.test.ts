import assert from "node:assert/strict";
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { run } from "../build/app.ts";
import { ROOT } from "../root.ts";
import { makeApp } from "./apps.ts";
import { moduleOf } from "./fragments.ts";
import { kindOf } from "./kinds.ts";
import { at, type Block, pages } from "./pages.ts";

const PAGES = pages();
const BLOCKS = PAGES.flatMap(({ blocks }) => blocks);

/** C of the pages by its path in an app. All pages are compiled in one app, so a name stands for one text. */
function sources(): Map<string, Block> {
  const found = new Map<string, Block>();
  for (const block of BLOCKS) {
    const path = block.words.get("file") ?? "";
    if (!/\.[ch]$/.test(path)) continue;
    const other = found.get(path);
    assert.ok(
      other === undefined || other.text === block.text,
      `${at(block)}: ${path} is another file than that of ${other && at(other)}; give it another name`,
    );
    found.set(path, block);
  }
  return found;
}

/** TypeScript of the pages, by the name of a file that says where it stands. */
function modules(): Map<string, string> {
  const typescript = BLOCKS.filter(
    (block) => block.kind === "ts" && ["file", "fragment", "module"].includes(kindOf(block) ?? ""),
  );
  return new Map(
    typescript.map((block) => [`${block.page.replaceAll("/", "-")}-${block.line}.ts`, moduleOf(block)]),
  );
}

/** What all configurations of the pages together say of single programs, as a configuration of the one app. */
function configuration(folder: string): string {
  const files = BLOCKS.filter((block) => block.words.get("file") === "bpf-app.config.ts");
  const names = files.map((block, index) => {
    writeFileSync(join(folder, `configuration-${index}.ts`), `${block.text}\n`);
    return `./configuration-${index}.ts`;
  });
  return [
    ...names.map((name, index) => `import c${index} from "${name}";`),
    `export default { programs: { ${names.map((_, index) => `...c${index}.programs`).join(", ")} } };`,
    "",
  ].join("\n");
}

describe("the code of the documentation", () => {
  let parent: string;
  let app: string;
  before(() => {
    parent = mkdtempSync(join(tmpdir(), "bpf-app-docs-"));
    app = makeApp(parent, "minimal");
  });
  after(() => rmSync(parent, { recursive: true, force: true }));

  it("compiles: every file in C", () => {
    const templates = new Set(PAGES.flatMap(({ app }) => app ?? []));
    for (const template of templates)
      cpSync(join(ROOT, "templates", template, "src"), join(app, "src"), { recursive: true });
    // Without user sides a build ends with skeletons and addons, which is all that is wanted here.
    for (const file of globSync("src/**/*.ts", { cwd: app })) rmSync(join(app, file));
    for (const [path, block] of sources()) writeFileSync(join(app, path), `${block.text}\n`);
    writeFileSync(join(app, "bpf-app.config.ts"), configuration(app));
    const built = run(app, ["npx", "bpf-app", "build"]);
    assert.equal(built.status, 0, built.stdout + built.stderr);
  });

  it("type-checks: every file, module and fragment in TypeScript", () => {
    const found = modules();
    assert.ok(found.size > 20, `only ${found.size} were found`);
    mkdirSync(join(app, "pages"));
    for (const [name, text] of found) writeFileSync(join(app, "pages", name), text);
    const config = join(app, "tsconfig.json");
    writeFileSync(config, readFileSync(config, "utf8").replace('"src"', '"pages"'));
    const checked = run(app, ["npx", "tsc", "--noEmit", "--pretty", "false"]);
    assert.equal(checked.stdout + checked.stderr, "");
    // The file's name is the page and the line; that this sees a mistake is seen by making one.
    const [first = ""] = found.keys();
    writeFileSync(join(app, "pages", first), "const wrong: string = 1;\n");
    const wrong = run(app, ["npx", "tsc", "--noEmit", "--pretty", "false"]);
    assert.match(wrong.stdout, new RegExp(`pages/${basename(first)}\\(1,7\\): error TS2322`));
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { makeApp } from "./apps.ts";
import { lackingHere } from "./facilities.ts";
import { moduleOf } from "./fragments.ts";
import { kindOf } from "./kinds.ts";
import { at, type Block, type Page, pages } from "./pages.ts";
import { Shell } from "./shell.ts";

/** What loads programs into the kernel, or starts what does. */
const LOADS =
  /\bsudo\b|BPF_APP=doctor|\bnpm (?:test|start)\b|\bbpf-app (?:check|start|dev|doctor)\b|\bnpm run (?:check|dev|doctor)\b|\.\/dist\//;

/** The pages that have something to be run: those that load programs into the kernel, or those that only build. */
export function pagesThat(does: "load" | "build"): Page[] {
  const run = pages().filter((page) => page.blocks.some((block) => !isPicture(block)));
  return run.filter((page) => page.blocks.some(loads) === (does === "load"));
}

function isPicture(block: Block): boolean {
  return ["picture", "excerpt"].includes(kindOf(block) ?? "");
}

function loads(block: Block): boolean {
  return (
    ["fragment", "module"].includes(kindOf(block) ?? "") || (!isPicture(block) && LOADS.test(block.text))
  );
}

/** Runs a page from its first block to its last, as a reader types it. */
export async function runPage(page: Page, test: TestContext): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), "bpf-app-docs-"));
  test.after(() => rmSync(scratch, { recursive: true, force: true }));
  const shell = new Shell(scratch);
  if (page.app !== undefined) shell.folder = makeApp(scratch, page.app);
  for (const block of page.blocks) {
    try {
      const lacking = lackingHere(block);
      if (lacking === undefined) await runBlock(block, shell);
      else test.diagnostic(`${at(block)}: type-checked, and not run: ${lacking}`);
    } catch (error) {
      throw new Error(`${at(block)}: ${error instanceof Error ? error.message : error}`);
    }
  }
}

async function runBlock(block: Block, shell: Shell): Promise<void> {
  switch (kindOf(block)) {
    case "sh":
      return await shell.commands(block.text);
    case "console":
      return await shell.console(block.text, block.words);
    case "file": {
      const path = join(shell.folder, block.words.get("file")!);
      mkdirSync(dirname(path), { recursive: true });
      return writeFileSync(path, `${block.text}\n`);
    }
    case "fragment":
    case "module":
      return await runModule(block, shell);
  }
}

/** Runs TypeScript with the addons that its imports need. A module may be one that goes on until ^C. */
async function runModule(block: Block, shell: Shell): Promise<void> {
  const text = moduleOf(block);
  const names = new Set(Array.from(text.matchAll(/\.output\/(\w+)\.skel\.ts/g), ([, name]) => name!));
  const file = join(shell.folder, `src/docs_${block.line}.ts`);
  writeFileSync(file, text);
  const build = names.size > 0 ? `node_modules/.bin/bpf-app build ${[...names].join(" ")} && ` : "";
  // One without main() ends by the signal of ^C itself.
  const [timeout, or] =
    kindOf(block) === "module"
      ? ["timeout --preserve-status -s INT 3", " || [ $? -eq 130 ]"]
      : ["timeout -s INT 10", ""];
  await shell.commands(`${build}${timeout} node ${file}${or}`);
  rmSync(file);
}

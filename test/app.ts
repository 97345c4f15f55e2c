import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after } from "node:test";

/** A folder with these files, removed when the tests of the file are over. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "bpf-app-test-"));
  after(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** Why a test is skipped that gives a file or a folder to somebody else; false for root, who can. */
export const notRoot = process.geteuid?.() === 0 ? false : "only root can give something to another user";

/** The smallest app: one program and its user side. */
export const MINIMAL: Readonly<Record<string, string>> = {
  "package.json": `{ "name": "app" }`,
  "src/minimal.bpf.c": `#include <linux/bpf.h>\n`,
  "src/minimal.ts": `import { minimal } from "../.output/minimal.skel.ts";\nminimal.open();\n`,
};

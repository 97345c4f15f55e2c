import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { argText, type Step } from "./step.ts";

/**
 * compile_commands.json, by which clangd and other tools understand `.bpf.c` (target, include order, definitions) and
 * the addon's C. Written only when it would change.
 */
export function writeCompileCommands(root: string, steps: readonly Step[]): void {
  const file = join(root, "compile_commands.json");
  const text = `${JSON.stringify(compileCommands(root, steps), null, 2)}\n`;
  let present: string | undefined;
  try {
    present = readFileSync(file, "utf8");
  } catch {
    // Not there yet.
  }
  if (present !== text) writeFileSync(file, text);
}

/** Entries as Clang's JSON compilation database has them. */
export function compileCommands(root: string, steps: readonly Step[]): object[] {
  return steps.flatMap((step) => {
    const words = step.argv.map((arg) => argText(arg));
    const at = words.indexOf("-c");
    const source = words[at + 1];
    if (at < 0 || source === undefined || !/\.(c|cc)$/.test(source)) return [];
    return [{ directory: root, file: source, arguments: words, output: step.outputs[0] }];
  });
}

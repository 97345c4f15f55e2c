import { argText, type Step } from "./step.ts";

/** By which clangd and other tools understand `.bpf.c` (target, include order, definitions) and the addon's C. */
export const COMPILE_COMMANDS = "compile_commands.json";

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

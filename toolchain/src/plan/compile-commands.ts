import { argText, type Step } from "./step.ts";

/** The file from which clangd and other tools learn the target, include folders and definitions of each C file. */
export const COMPILE_COMMANDS = "compile_commands.json";

/** The entries of that file, in the format of Clang's JSON compilation database. */
export function compileCommands(root: string, steps: readonly Step[]): object[] {
  return steps.flatMap((step) => {
    const words = step.argv.map((arg) => argText(arg));
    const at = words.indexOf("-c");
    const source = words[at + 1];
    if (at < 0 || source === undefined || !/\.(c|cc)$/.test(source)) return [];
    return [{ directory: root, file: source, arguments: words, output: step.outputs[0] }];
  });
}

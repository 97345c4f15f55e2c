import { FLAGS, type Flag } from "./options.ts";

const WIDTH = 100;

/** The text of --help. */
export function helpText(): string {
  const rows = FLAGS.filter((flag) => !flag.hidden).map((flag) => [left(flag), flag.says] as const);
  const column = Math.max(...rows.map(([text]) => text.length)) + 4;
  return [
    "create-bpf-app [dir] [options]",
    "",
    ...wrap(
      "Starts an eBPF app: C in the kernel, TypeScript in user space, and one file to ship. In a terminal it asks for what no option has said; elsewhere it takes the defaults.",
      0,
    ),
    "",
    `  ${"dir".padEnd(column - 2)}${wrap("The folder to make. If it exists, it may have a .git, a licence, a readme and an editor's files, all of which stay as they are", column).join("\n")}`,
    ...rows.map(([text, says]) => `  ${text.padEnd(column - 2)}${wrap(says, column).join("\n")}`),
    "",
    "npm create bpf-app@latest my-tool -- --template bootstrap --yes",
  ].join("\n");
}

function left({ name, short, value, negatable }: Flag): string {
  const long = `--${negatable ? "[no-]" : ""}${name}`;
  return `${short ? `-${short}, ` : "    "}${long}${value ? ` ${value}` : ""}`;
}

/** The lines of a text that stands at a column. The first is not indented. */
function wrap(text: string, column: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line !== "" && column + line.trimStart().length + 1 + word.length > WIDTH)
      lines.push(" ".repeat(column) + word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}

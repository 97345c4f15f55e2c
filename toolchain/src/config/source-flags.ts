import { Failure } from "../base/failure.ts";
import { splitWords } from "./parse.ts";

/**
 * The flags that a source may ask for: what decides which C it is and how it is compiled, and nothing that reads other
 * files or starts programs. Sources come from elsewhere more often than an app's configuration does.
 */
const ALLOWED = [
  /^-mcpu=(v[1-9]|generic)$/,
  /^-O[123s]$/,
  /^-D[A-Za-z_]\w*(=.*)?$/s,
  /^-U[A-Za-z_]\w*$/,
  /^-W[a-z][\w+=-]*$/,
  /^-fno-[a-z][a-z0-9-]*$/,
];

/** The same, for messages. */
export const SOURCE_FLAGS = "-mcpu=v1 to v4, -O1 to -O3 and -Os, -DNAME=value, -UNAME, -W… and -fno-…";

const LINE = /^[ \t]*(?:\/\/|\/\*)[ \t]*bpf-app:(.*)$/;

/**
 * The flags in the lines `// bpf-app: FLAGS` of a source, in their order.
 * @throws Failure bad-source-flag
 */
export function sourceFlags(path: string, text: string): string[] {
  return text.split("\n").flatMap((line, index) => {
    const [, rest] = LINE.exec(line.trimEnd()) ?? [];
    if (rest === undefined) return [];
    const said = rest.replace(/\*\/$/, "").trim();
    const bad = (flag: string) =>
      new Failure("config", { kind: "bad-source-flag", path, line: index + 1, flag });
    const words = splitWords(said);
    if (words === undefined) throw bad(said);
    for (const flag of words) if (!ALLOWED.some((pattern) => pattern.test(flag))) throw bad(flag);
    return words;
  });
}

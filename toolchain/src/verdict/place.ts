import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { frameOf } from "../runtime/verifier.ts";

/** A place in the app's sources. */
interface Place {
  readonly file?: string | undefined;
  /** Counted from 1. */
  readonly line?: number | undefined;
  /** The line with its neighbours. Where the kernel tells no place, it is the line alone. */
  readonly frame?: string | undefined;
}

/** A place of which all that is not known is left out. */
interface Known {
  readonly file?: string;
  readonly line?: number;
  readonly frame?: string;
}

/**
 * Where the verifier was, as a path from the app's folder, which is the working directory. The kernel may know only the base
 * name of a file that lies in `src`; before Linux 6.8 it tells the text of the line and not its place, and that is looked
 * for in the sources.
 */
export function placeOf({ file, line, frame }: Place, skeleton: string): Known {
  if (file !== undefined && line !== undefined) {
    const path = !file.includes("/") && existsSync(`src/${file}`) ? `src/${file}` : file;
    const shown = frame?.replace(`${file}:${line}`, () => `${path}:${line}`);
    return { file: path, line, ...(shown === undefined ? {} : { frame: shown }) };
  }
  if (frame === undefined) return {};
  return findLine(frame.trim(), skeleton) ?? { frame };
}

/** The only line of the skeleton's sources that has this text. */
function findLine(code: string, skeleton: string): Known | undefined {
  const found = sourcesOf(skeleton).flatMap((path) =>
    readFileSync(path, "utf8")
      .split("\n")
      .flatMap((text, index) => (text.trim() === code ? [{ file: path, line: index + 1 }] : [])),
  );
  const [only, ...others] = found;
  if (only === undefined || others.length > 0) return undefined;
  return { ...only, frame: frameOf({ ...only, code }) };
}

/** Its own file, and the headers of the app, any of which it may include. */
function sourcesOf(skeleton: string): string[] {
  if (!existsSync("src")) return [];
  const headers = readdirSync("src", { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name.endsWith(".h"),
  );
  const own = `src/${skeleton}.bpf.c`;
  return [...(existsSync(own) ? [own] : []), ...headers.map((entry) => join(entry.parentPath, entry.name))];
}

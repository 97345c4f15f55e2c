import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { Failure } from "../../toolchain/src/base/failure.ts";

/** The folder that an app is to have, as it is found. */
export interface Target {
  /** Absolute; without links, if the folder exists. */
  readonly path: string;
  readonly exists: boolean;
  /** What lies in it. */
  readonly names: readonly string[];
}

/**
 * What a folder may have in which an app is made: what a forge puts into a new repository, and what editors and desktops
 * put anywhere. All of it stays as it is.
 */
const WELCOME = [
  /^\.(?:git|gitattributes|gitignore|gitkeep|mailmap|github|gitlab|gitlab-ci\.yml|gitea|forgejo|hg|hgignore)$/,
  /^(?:licen[cs]e|copying|copyright|notice|unlicense|authors|readme|contributing|security|code_of_conduct|codeowners)(?:[._-].*)?$/i,
  /^\.(?:vscode|idea|zed|fleet|vs|editorconfig|devcontainer|ds_store)$/i,
  /\.(?:iml|code-workspace|sw[a-p])$/,
  /^(?:thumbs\.db|desktop\.ini|lost\+found)$/i,
];

/**
 * Looks at the folder in which an app is to be made. It is synchronous, because a prompt checks an answer with it.
 *
 * @param force whether any files are welcome
 * @throws Failure target-not-empty, target-not-a-folder, target-unwritable
 */
export function inspectTarget(path: string, force: boolean): Target {
  try {
    if (!status(() => lstatSync(path))) return { path, exists: false, names: [] };
    const found = status(() => statSync(path));
    if (!found) throw new Failure("create", { kind: "target-not-a-folder", path, found: "dangling symlink" });
    if (!found.isDirectory())
      throw new Failure("create", { kind: "target-not-a-folder", path, found: "file" });
    const names = readdirSync(path).sort();
    refuseUnwelcome(path, names, force);
    return { path: realpathSync(path), exists: true, names };
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure("create", { kind: "target-unwritable", path, code: codeOf(error) });
  }
}

/**
 * Refuses a folder with files among which nobody wants an app.
 * @throws Failure target-not-empty
 */
export function refuseUnwelcome(path: string, names: readonly string[], force: boolean): void {
  const others = force ? [] : names.filter((name) => !WELCOME.some((welcome) => welcome.test(name)));
  if (others.length === 0) return;
  const shown = others.slice(0, 3).join(", ");
  const found = others.length > 3 ? `${shown} and ${others.length - 3} more` : shown;
  throw new Failure("create", { kind: "target-not-empty", path, found });
}

/** The code of an operating system's error. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

function status(ask: () => Stats): Stats | undefined {
  try {
    return ask();
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

// What a block may be, and what is wrong with one that is nothing of that.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../root.ts";
import { FACILITIES } from "./facilities.ts";
import { at, type Block } from "./pages.ts";

export type Kind = "sh" | "console" | "file" | "excerpt" | "fragment" | "module" | "picture";

/** The words that each kind of block may have after its first. */
const WORDS: Readonly<Record<Kind, readonly string[]>> = {
  sh: [],
  console: ["unordered", "fails"],
  file: ["file"],
  excerpt: ["excerpt"],
  fragment: ["skel", "state", "needs"],
  module: ["module", "needs"],
  picture: [],
};

const STATES = ["open", "loaded", "attached"];
/** What is a command, wherever it stands. */
const COMMAND = /^(?:\$|#|sudo|npm|npx|pnpm|yarn|bun|node|git|cd|make|clang|apt-get) /m;

/** What a block is; undefined if it is nothing that the tests know. */
export function kindOf({ kind, words }: Block): Kind | undefined {
  if (kind === "sh" || kind === "console") return kind;
  if (kind === "text" || kind === "mermaid") return "picture";
  if (kind === "") return undefined;
  if (words.has("file")) return "file";
  if (words.has("excerpt")) return "excerpt";
  if (kind === "ts" && words.has("skel")) return "fragment";
  if (kind === "ts" && words.has("module")) return "module";
  return undefined;
}

/** What is wrong with a block, in a sentence for each thing. */
export function problemsOf(block: Block): string[] {
  const kind = kindOf(block);
  if (kind === undefined) {
    const said = [block.kind, ...block.words.keys()].join(" ").trim();
    return [`${at(block)}: a block that says ${said || "nothing"} cannot be run; see test/docs/README.md`];
  }
  const unknown = [...block.words.keys()].filter((word) => !WORDS[kind].includes(word));
  return [
    ...unknown.map((word) => `${at(block)}: a block of this kind has no ${word}`),
    ...(kind === "picture" ? pictureProblems(block) : []),
    ...(kind === "console" && !block.text.startsWith("$ ") ? [`${at(block)}: begins with no command`] : []),
    ...(kind === "excerpt" ? excerptProblems(block) : []),
    ...(block.words.has("needs") && !(block.words.get("needs")! in FACILITIES)
      ? [`${at(block)}: test/docs/facilities.ts knows no ${block.words.get("needs")}`]
      : []),
    ...(STATES.includes(block.words.get("state") ?? "attached") ? [] : [`${at(block)}: no such state`]),
  ];
}

function pictureProblems(block: Block): string[] {
  const command = COMMAND.exec(block.text);
  return block.kind === "text" && command
    ? [`${at(block)}: "${command[0].trim()}" is a command, and nothing runs it here`]
    : [];
}

function excerptProblems(block: Block): string[] {
  const path = block.words.get("excerpt") ?? "";
  if (!existsSync(join(ROOT, path))) return [`${at(block)}: ${path} does not exist`];
  const missing = notFound(block.text, readFileSync(join(ROOT, path), "utf8"));
  return missing === undefined ? [] : [`${at(block)}: is not in ${path} there: ${missing}`];
}

/**
 * Looks for an excerpt in a file. Its parts, between lines that are `…` or `...`, have to be whole lines of the file, one
 * after another, with the same indentation but for what all of them have.
 *
 * @returns the first line of the part that is not there
 */
export function notFound(excerpt: string, file: string): string | undefined {
  const parts = excerpt.split(/^[ \t]*(?:…|\.\.\.)[ \t]*$/m).map((part) => part.replace(/^\n+|\s+$/g, ""));
  const lines = file.split("\n").map((line) => line.trim());
  let from = 0;
  for (const part of parts.filter((text) => text !== "")) {
    const wanted = part.split("\n").map((line) => line.trim());
    const found = lines.findIndex(
      (_, index) => index >= from && wanted.every((line, offset) => lines[index + offset] === line),
    );
    if (found < 0) return wanted[0];
    from = found + wanted.length;
  }
  return undefined;
}

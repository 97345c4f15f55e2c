import { join } from "node:path";
import { readIfThere, replaceFile } from "../base/replace-file.ts";
import type { OutputText } from "./output.ts";
import { safeName } from "./paths.ts";
import { seal, unseal } from "./sealed.ts";

/** Everything on which the outputs of a finished step depended, and the outputs. Contents are listed by path. */
export interface Entry {
  /** The arguments, the outputs and so on, as one text. */
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
  readonly tools: Readonly<Record<string, string>>;
  /** The content of every declared input. Folders are replaced by their files. */
  readonly inputs: Readonly<Record<string, string>>;
  /** The content of every further file that the depfile names. */
  readonly discovered: Readonly<Record<string, string>>;
  /** Each output, by its path. Folders are replaced by their files. */
  readonly outputs: Readonly<Record<string, OutputText>>;
  /** How long the command took, in milliseconds. */
  readonly ms: number;
  /** What the command said, such as warnings: with colours, and cut where it is very long. */
  readonly text?: string;
  /**
   * An input that may have changed while the command read it. The outputs can then come from a mixture of contents, so
   * the step is not fresh. The entry is used only to order the steps of the next run.
   */
  readonly unsettled?: string;
}

/** How many states of a step are remembered, so that going back to one needs no new build. */
const KEPT = 6;

/**
 * The entries of one step, the newest first. Each is one sealed line of a file, and a damaged line is ignored. Only the
 * first line is parsed at once; the others are parsed when they are asked for.
 */
export class History {
  readonly #file: string;
  readonly #lines: readonly string[];
  readonly latest: Entry | undefined;
  /** There is a record, but its first line cannot be read. */
  readonly damaged: boolean;

  constructor(file: string) {
    this.#file = file;
    const text = readIfThere(file);
    this.#lines = text?.split("\n").filter((line) => line !== "") ?? [];
    const [first] = this.#lines;
    this.latest = first === undefined ? undefined : toEntry(unseal(first));
    this.damaged = text !== undefined && this.latest === undefined;
  }

  /** The entries before the latest, except for unsettled ones. */
  earlier(): Entry[] {
    return this.#lines
      .slice(1)
      .map((line) => toEntry(unseal(line)))
      .filter((entry) => entry !== undefined)
      .filter((entry) => entry.unsettled === undefined);
  }

  /** Makes `entry` the latest one. Of the others, the settled ones that describe other states are kept. */
  write(entry: Entry): void {
    const line = seal(entry);
    const others = this.#lines.filter((other, at) => {
      const old = at === 0 ? this.latest : toEntry(unseal(other));
      return old !== undefined && old.unsettled === undefined && !sameState(old, entry);
    });
    replaceFile(this.#file, [line, ...others.slice(0, KEPT - 1).map((text) => `${text}\n`)].join(""));
  }
}

/** Reads the history of the step `id`. `state` is the engine's folder, absolute. */
export function openHistory(state: string, id: string): History {
  return new History(join(state, "records", safeName(id)));
}

function sameState(a: Entry, b: Entry): boolean {
  const state = ({ ms: _ms, text: _text, ...rest }: Entry) => JSON.stringify(rest);
  return state(a) === state(b);
}

/** Checks the shape, because a line with a correct checksum may still have been written in an older format. */
function toEntry(value: unknown): Entry | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const entry = value as Partial<Entry>;
  const maps = [entry.env, entry.tools, entry.inputs, entry.discovered, entry.outputs];
  const whole = typeof entry.command === "string" && typeof entry.ms === "number";
  return whole && maps.every((map) => typeof map === "object" && map !== null) ? (entry as Entry) : undefined;
}

import { join } from "node:path";
import { readIfThere, replaceFile } from "../base/replace-file.ts";
import type { OutputText } from "./output.ts";
import { safeName } from "./paths.ts";
import { seal, unseal } from "./sealed.ts";

/** All that a finished step was made from, and what it made. */
export interface Entry {
  /** Arguments, outputs and so on, as text. */
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
  readonly tools: Readonly<Record<string, string>>;
  /** Content of every declared input, folders expanded. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Content of what the depfile named besides. */
  readonly discovered: Readonly<Record<string, string>>;
  /** Every output, folders expanded. */
  readonly outputs: Readonly<Record<string, OutputText>>;
  /** How long the command took. */
  readonly ms: number;
  /**
   * An input that changed while the command read it, or that another step made only then: the outputs are of unknown
   * content, and the entry serves only to order steps next time.
   */
  readonly unsettled?: string;
}

/** How many states of a step are remembered, so that going back to one needs no new build. */
const kept = 6;

/**
 * The entries of one step, the newest first, one sealed line each. A line that is damaged is a line that was never
 * written. Only the first is parsed unless the others are asked for.
 */
export class History {
  readonly #file: string;
  readonly #lines: readonly string[];
  readonly latest: Entry | undefined;
  /** There was a record, and it could not be read. */
  readonly damaged: boolean;

  constructor(file: string) {
    this.#file = file;
    const text = readIfThere(file);
    this.#lines = text?.split("\n").filter((line) => line !== "") ?? [];
    this.latest = this.#lines.length ? toEntry(unseal(this.#lines[0]!)) : undefined;
    this.damaged = text !== undefined && this.latest === undefined;
  }

  earlier(): Entry[] {
    return this.#lines
      .slice(1)
      .map((line) => toEntry(unseal(line)))
      .filter((entry) => entry !== undefined && entry.unsettled === undefined) as Entry[];
  }

  write(entry: Entry): void {
    const line = seal(entry);
    const others = this.#lines.filter((other, at) => {
      const old = at === 0 ? this.latest : toEntry(unseal(other));
      return old !== undefined && old.unsettled === undefined && !sameState(old, entry);
    });
    replaceFile(this.#file, [line, ...others.slice(0, kept - 1).map((text) => `${text}\n`)].join(""));
  }
}

export function openHistory(state: string, id: string): History {
  return new History(join(state, "records", safeName(id)));
}

function sameState(a: Entry, b: Entry): boolean {
  const state = ({ ms: _, ...rest }: Entry) => JSON.stringify(rest);
  return state(a) === state(b);
}

/** A line with a right checksum may still be of an older format. */
function toEntry(value: unknown): Entry | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const entry = value as Partial<Entry>;
  const maps = [entry.env, entry.tools, entry.inputs, entry.discovered, entry.outputs];
  const whole = typeof entry.command === "string" && typeof entry.ms === "number";
  return whole && maps.every((map) => typeof map === "object" && map !== null) ? (entry as Entry) : undefined;
}

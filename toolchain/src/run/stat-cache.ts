import type { BigIntStats } from "node:fs";
import { readIfThere, replaceFile } from "../base/replace-file.ts";
import { seal, unseal } from "./sealed.ts";

interface Known {
  readonly key: string;
  readonly content: string;
  /** Whether a change of the file would by now give it another stat. */
  settled(): boolean;
}

const ALWAYS = () => true;

/** From this size on, in bytes, a file counts as large. */
const LARGE = 1 << 20;

/**
 * The content of files by their stat, kept from run to run, so that a build with nothing to do reads no file.
 *
 * A stat proves nothing about a file that was written in the same tick of the clock in which its stat was taken: a
 * second write in that tick leaves the same times. Such an entry is used in this run and not kept for the next one.
 */
export class StatCache {
  readonly #file: string;
  readonly #known = new Map<string, Known>();
  #changed = false;

  constructor(file: string) {
    this.#file = file;
    const kept = unseal((readIfThere(file) ?? "").trimEnd());
    if (typeof kept !== "object" || kept === null) return;
    for (const [path, value] of Object.entries(kept as Record<string, string>)) {
      const at = value.indexOf(" ");
      this.#known.set(path, { content: value.slice(0, at), key: value.slice(at + 1), settled: ALWAYS });
    }
  }

  /** The content of `path`, if it is known for the stat `key`. */
  get(path: string, key: string): string | undefined {
    const known = this.#known.get(path);
    return known?.key === key ? known.content : undefined;
  }

  /**
   * Notes the content of `path` for the stat `key`. `ours` says that this run made the file, and that nobody else
   * writes to it before the run ends. Its stat can be kept if the clock has ticked by then. That of a large file is
   * kept in any case, because hashing it again takes long.
   */
  set(path: string, key: string, content: string, stat: BigIntStats, ours: boolean): void {
    const known = this.#known.get(path);
    if (known?.key === key && known.content === content && known.settled()) return;
    const past = isPast(stat);
    const settled = ours ? () => stat.size >= LARGE || isPast(stat) : () => past;
    this.#known.set(path, { key, content, settled });
    this.#changed = true;
  }

  save(): void {
    if (!this.#changed) return;
    const kept: Record<string, string> = {};
    for (const [path, { key, content, settled }] of this.#known)
      if (settled()) kept[path] = `${content} ${key}`;
    replaceFile(this.#file, seal(kept));
    this.#changed = false;
  }
}

/**
 * Whether the clock has ticked since the file was last written. The clock of file times ticks at least every 10 ms
 * (HZ=100). Some file systems keep whole seconds, or every second one as FAT does: there the time ends in zeros.
 */
function isPast({ ctimeNs, mtimeNs }: BigIntStats): boolean {
  const tick = ctimeNs % 1_000_000n === 0n ? 2_100n : 20n;
  const latest = ctimeNs > mtimeNs ? ctimeNs : mtimeNs;
  return BigInt(Date.now()) - latest / 1_000_000n > tick;
}

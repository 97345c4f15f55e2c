import type { BigIntStats } from "node:fs";
import { readIfThere, replaceFile } from "../base/replace-file.ts";
import { seal, unseal } from "./sealed.ts";

interface Known {
  readonly key: string;
  readonly content: string;
  /** Whether, by now, the stat cannot hide a change any more. */
  settled(): boolean;
}

const always = () => true;

/** In bytes. */
const large = 1 << 20;

/**
 * Which content a file's stat stood for, kept from run to run so that a build of nothing reads no file.
 *
 * A stat proves nothing about a file written in the very tick of the clock in which it was looked at: a second write
 * in that tick would leave the same times. Such an entry serves this run and is not kept for the next.
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
      this.#known.set(path, { content: value.slice(0, at), key: value.slice(at + 1), settled: always });
    }
  }

  get(path: string, key: string): string | undefined {
    const known = this.#known.get(path);
    return known?.key === key ? known.content : undefined;
  }

  /**
   * `ours`: this run made the file and nobody else writes to it before the run ends. Its stat can be kept if the
   * clock has ticked on by then; that of a large file is kept in any case, for hashing it again takes long.
   */
  set(path: string, key: string, content: string, stat: BigIntStats, ours: boolean): void {
    const known = this.#known.get(path);
    if (known?.key === key && known.content === content && known.settled()) return;
    const past = isPast(stat);
    const settled = ours ? () => stat.size >= large || isPast(stat) : () => past;
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
 * The clock behind file times ticks every 10 ms at the slowest (HZ=100); on file systems that keep whole seconds, or
 * two as FAT does, every time ends in zeros.
 */
function isPast({ ctimeNs, mtimeNs }: BigIntStats): boolean {
  const tick = ctimeNs % 1_000_000n === 0n ? 2_100n : 20n;
  const latest = ctimeNs > mtimeNs ? ctimeNs : mtimeNs;
  return BigInt(Date.now()) - latest / 1_000_000n > tick;
}

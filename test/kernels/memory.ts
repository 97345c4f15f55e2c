import { createHash } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Kernel } from "../../toolchain/src/guest/kernels.ts";
import { cacheDir } from "./cache-dir.ts";
import type { CellResult } from "./judge.ts";
import type { Subject } from "./subjects.ts";

interface Passed extends CellResult {
  /** When it passed, in milliseconds since 1970. */
  readonly at: number;
}

/** Remembers the cells that have passed before with the same content. */
export class Memory {
  readonly #file = join(cacheDir(), "passed.json");
  readonly #after: number;
  #passed: Record<string, Passed> = {};
  #writes = 0;

  private constructor(after: number) {
    this.#after = after;
  }

  /** @param after what passed before that time is not recalled */
  static async open(after: number): Promise<Memory> {
    const memory = new Memory(after);
    memory.#passed = await readFile(memory.#file, "utf8")
      .then(JSON.parse)
      .catch(() => ({}));
    return memory;
  }

  static key(subject: Subject, kernel: Kernel): string {
    const packages = kernel.packages.map((p) => `${p.name}=${p.version}`);
    return createHash("sha256")
      .update(JSON.stringify([subject.hash, packages, kernel.libraries]))
      .digest("hex");
  }

  recall(subject: Subject, kernel: Kernel): CellResult | undefined {
    const { at, ...result } = this.#passed[Memory.key(subject, kernel)] ?? { at: undefined };
    return at !== undefined && at >= this.#after ? (result as CellResult) : undefined;
  }

  async keep(subject: Subject, kernel: Kernel, result: CellResult): Promise<void> {
    if (result.result === "fail") return;
    this.#passed[Memory.key(subject, kernel)] = { ...result, at: Date.now() };
    // Several kernels may report at once, and another run too: each writes its own file and renames it.
    const staging = `${this.#file}.${process.pid}.${this.#writes++}`;
    await writeFile(staging, JSON.stringify(this.#passed));
    await rename(staging, this.#file);
  }
}

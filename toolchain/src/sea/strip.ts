import { Failure } from "../base/failure.ts";
import { contentEnd } from "./elf.ts";
import { NO_SECTIONS } from "./elf-write.ts";
import { attempt, copyExecutable, making, readElf, withFile, writeFields } from "./files.ts";

export interface StripReport {
  /** The size of the base in bytes. */
  readonly from: number;
  /** The size of the copy in bytes. */
  readonly to: number;
}

/**
 * Copies a Node without its symbol table, its debug information and its section headers. Linkers put what is never
 * loaded at the end of the file, so that it can be cut off. Everything that is loaded stays as it is, byte for byte,
 * and with it the dynamic symbols that addons refer to. A Node for arm64 can be stripped on x64 and the other way
 * round.
 *
 * @throws Failure<"sea">
 */
export async function stripBase(files: { base: string; out: string }): Promise<StripReport> {
  const { base: basePath, out } = files;
  return withFile(basePath, "r", async (base) => {
    const { header, segments } = await readElf(base);
    const to = contentEnd(header, segments);
    return making(out, [basePath], async () => {
      await copyExecutable(basePath, out);
      await withFile(out, "r+", async (target) => {
        await attempt("write", out, target.handle.truncate(to));
        await writeFields(target, NO_SECTIONS);
      });
      const now = await withFile(out, "r", async (target) => ({
        ...(await readElf(target)),
        size: target.size,
      }));
      const expected = { header: { ...header, shoff: 0, shnum: 0 }, segments, size: to };
      if (JSON.stringify(now) !== JSON.stringify(expected)) {
        throw new Failure("sea", { kind: "executable-unverified", path: out, what: "headers" });
      }
      return { from: base.size, to };
    });
  });
}

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { execa } from "execa";
import { run } from "../base/command.ts";
import { Failure, isFailure } from "../base/failure.ts";
import { readBtf } from "../btf/read.ts";
import { btfWords } from "../btf/words.ts";

/** The largest kernels have 10 MB of BTF. */
const LIMIT = 64 << 20;

/**
 * The BTF of a kernel out of a file, which is checked: whatever the file says, every offset and id in the result leads to
 * something that is there.
 *
 * @param path - RELEASE.btf, or RELEASE.btf.tar.xz, an archive with that one file in it
 * @throws Failure btf-unreadable, btf-archive-bad, btf-too-large, btf-bad; program-missing
 */
export async function readKernelBtf(root: string, path: string, signal: AbortSignal): Promise<Uint8Array> {
  const bytes = await (path.endsWith(".xz") ? unpack(root, path, signal) : read(root, path));
  if (bytes.length > LIMIT) throw tooLarge(path);
  try {
    readBtf(bytes);
  } catch (error) {
    if (!isFailure(error, "btf")) throw error;
    const { what, why = what } = btfWords(error.failure);
    throw new Failure("core-btf", { kind: "btf-bad", path, why }, { cause: error });
  }
  return bytes;
}

async function read(root: string, path: string): Promise<Uint8Array> {
  try {
    return await readFile(resolve(root, path));
  } catch (error) {
    const { code = "EIO" } = error as NodeJS.ErrnoException;
    throw new Failure("core-btf", { kind: "btf-unreadable", path, code }, { cause: error });
  }
}

/** The content of the file in an archive. It goes to standard output, so no name in the archive means anything. */
async function unpack(root: string, path: string, cancelSignal: AbortSignal): Promise<Uint8Array> {
  const result = await execa("tar", ["-xJOf", resolve(root, path)], {
    encoding: "buffer",
    maxBuffer: LIMIT,
    reject: false,
    stdin: "ignore",
    cancelSignal,
    env: { LC_ALL: "C.UTF-8" },
  });
  cancelSignal.throwIfAborted();
  if (result.isMaxBuffer) throw tooLarge(path);
  if (!result.failed) return result.stdout;
  // tar says only in a message which program it lacks: these say it as a failure that tells what to install.
  for (const program of ["tar", "xz"]) await run(program, ["--version"], { cwd: root, signal: cancelSignal });
  const output = Buffer.from(result.stderr).toString("utf8").trim();
  throw new Failure("core-btf", { kind: "btf-archive-bad", path, output });
}

function tooLarge(path: string): Failure<"core-btf"> {
  return new Failure("core-btf", { kind: "btf-too-large", path, limit: LIMIT });
}

import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { Failure } from "../base/failure.ts";

/** How bpftool is called. */
export interface Reduction {
  readonly root: string;
  readonly bpftool: string;
  /** The object whose relocations decide what is kept. */
  readonly object: string;
  /** An existing folder of one's own. */
  readonly scratch: string;
  readonly signal: AbortSignal;
}

/**
 * Has bpftool reduce the BTF of a kernel to the types that an object asks for: some hundred bytes of some megabytes.
 *
 * @param path - what the BTF is called in a failure
 * @param slot - a number that no other call uses at the same time
 * @throws Failure btf-not-reduced
 */
export async function reduceBtf(
  how: Reduction,
  path: string,
  btf: Uint8Array,
  slot: number,
): Promise<Uint8Array> {
  const [whole, least] = [join(how.scratch, `${slot}.btf`), join(how.scratch, `${slot}.min.btf`)];
  await writeFile(whole, btf);
  const { bpftool, object, root, signal } = how;
  const result = await execa(
    resolve(root, bpftool),
    ["gen", "min_core_btf", whole, least, resolve(root, object)],
    {
      cwd: root,
      reject: false,
      stdin: "ignore",
      all: true,
      cancelSignal: signal,
      env: { LC_ALL: "C.UTF-8" },
    },
  );
  signal.throwIfAborted();
  if (!result.failed) return await readFile(least);
  const exit = result.signal ?? `exit ${result.exitCode ?? result.code}`;
  const output = (result.all ?? "").trim();
  throw new Failure("core-btf", { kind: "btf-not-reduced", path, object, exit, output });
}

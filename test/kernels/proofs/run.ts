/**
 * Runs a proof in guests and prints what it says: how kernels behave in a matter that the code works around.
 *
 *   node create/start.mjs test/kernels/proofs/run.ts syscall-entry [--kernel 7.1 …]
 *
 * Default all kernels of the table.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makeDisk } from "../../../toolchain/src/guest/disk.ts";
import { prepareKernels } from "../../../toolchain/src/guest/kernels.ts";
import { runGuest } from "../../../toolchain/src/guest/run-guest.ts";
import { compileHelper } from "../build.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { kernel: { type: "string", multiple: true } },
});
const [name] = positionals;
if (name === undefined) throw new Error("which proof? Name a file of test/kernels/proofs, without its .c");
const work = await mkdtemp(join(tmpdir(), "proof-"));
try {
  const source = await readFile(join(import.meta.dirname, `${name}.c`), "utf8");
  const disk = await makeDisk({ [name]: await compileHelper(name, source, work) }, join(work, "disk.img"));
  const { kernels } = await prepareKernels(values.kernel);
  for (const kernel of kernels) {
    const guest = await runGuest({
      kernel,
      disk,
      cells: [{ name, argv: [`/app/${name}`], stop: "none" }],
    });
    const run = guest.cells[0];
    if (run?.outcome !== "ok" || run.exit !== 0) process.exitCode = 1;
    console.log(`${kernel.abi}\n${run ? run.stdout + run.stderr : guest.console}`.trimEnd());
  }
} finally {
  await rm(work, { recursive: true });
}

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Failure } from "../base/failure.ts";
import { findBtf, type KernelBtf } from "../config/btf.ts";
import { encodePack } from "../facts/btf-pack.ts";
import type { Action } from "../run/events.ts";
import { packOf, type Reduced } from "./pack.ts";
import { readKernelBtf } from "./read.ts";
import { type Reduction, reduceBtf } from "./reduce.ts";

/**
 * The action `bpf-app min-core-btf OBJECT PLACE… --bpftool PATH --arch ARCH [--kernel PATTERN]… --out FILE`, which writes
 * the pack of NAME.bpf.o: what it asks for of each kernel's types. Places and patterns are those of the settings BTF and
 * BTF_KERNELS.
 */
export const minCoreBtfAction: Action = async (args, { root, signal, note }) => {
  const { object, places, bpftool, arch, kernels: patterns, out } = parse(args);
  const found = findBtf(root, places, patterns);
  const kernels = found.filter((one) => one.arch === undefined || one.arch === arch);
  if (kernels.length === 0) {
    const others = [...new Set(found.map((one) => one.arch ?? ""))].sort();
    throw new Failure("core-btf", { kind: "btf-other-arch", arch, found: others });
  }
  const target = resolve(root, out);
  const scratch = await mkdtemp(join(dirname(target), "btf-"));
  try {
    const reduced = await reduceAll({ root, bpftool, object, scratch, signal }, kernels);
    const pack = packOf(arch, reduced);
    const bytes = encodePack(pack);
    await writeFile(target, bytes);
    note(sizeNote(basename(object, ".bpf.o"), pack.kernels.length, pack.blobs.length, bytes.length));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return undefined;
};

/** How large it is, which depends on the archive and on the object, and may be more than expected. */
function sizeNote(name: string, kernels: number, different: number, size: number): string {
  const count = kernels === 1 ? "1 kernel" : `${kernels} kernels`;
  const apart = kernels === 1 ? "" : `, ${different} different`;
  return `${name}: BTF for ${count} without BTF of their own${apart}, ${size} bytes`;
}

/** Several at once: unpacking, checking and reducing take about a third of a second for a kernel. */
async function reduceAll(how: Reduction, kernels: readonly KernelBtf[]): Promise<Reduced[]> {
  const left = [...kernels];
  const reduced: Reduced[] = [];
  const work = async (_: unknown, slot: number) => {
    for (let kernel = left.shift(); kernel !== undefined; kernel = left.shift()) {
      const whole = await readKernelBtf(how.root, kernel.path, how.signal);
      reduced.push({ kernel, btf: await reduceBtf(how, kernel.path, whole, slot) });
    }
  };
  const workers = Array.from({ length: availableParallelism() }, work);
  try {
    await Promise.all(workers);
  } finally {
    // After a failure the others finish what they have begun, before their folder is removed.
    left.length = 0;
    await Promise.allSettled(workers);
  }
  return reduced;
}

const OPTIONS = {
  bpftool: { type: "string" },
  arch: { type: "string", default: process.arch as string },
  kernel: { type: "string", multiple: true, default: [] as string[] },
  out: { type: "string" },
} as const;

/** @throws Failure min-core-btf-usage */
function parse(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    const [object, ...places] = positionals;
    const { bpftool, out, arch, kernel: kernels } = values;
    if (object && places.length > 0 && bpftool && out) return { object, places, bpftool, arch, kernels, out };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  throw new Failure("core-btf", { kind: "min-core-btf-usage" });
}

import { createHash } from "node:crypto";
import { Failure } from "../base/failure.ts";
import type { KernelBtf } from "../config/btf.ts";
import type { BtfPack, PackedKernel } from "../facts/btf-pack.ts";

/** A kernel with the types that an object asks for. */
export interface Reduced {
  readonly kernel: KernelBtf;
  readonly btf: Uint8Array;
}

/**
 * Puts reduced BTF together, each content once. The order of the files makes no difference.
 * @throws Failure btf-contradicts
 */
export function packOf(arch: string, reduced: readonly Reduced[]): BtfPack {
  const name = ({ release, from }: KernelBtf) => `${release} ${from}`;
  const sorted = [...reduced].sort((a, b) => (name(a.kernel) < name(b.kernel) ? -1 : 1));
  const blobs = new Map<string, { readonly at: number; readonly btf: Uint8Array }>();
  const kernels = new Map<string, PackedKernel & { readonly path: string }>();
  for (const { kernel, btf } of sorted) {
    const key = createHash("sha256").update(btf).digest("hex");
    const { at } = blobs.get(key) ?? { at: blobs.size };
    if (at === blobs.size) blobs.set(key, { at, btf });
    const { release, from, path } = kernel;
    const known = kernels.get(name(kernel));
    if (known !== undefined && known.blob !== at) {
      throw new Failure("core-btf", { kind: "btf-contradicts", release, paths: [known.path, path] });
    }
    kernels.set(name(kernel), { release, from, blob: at, path });
  }
  return {
    arch,
    kernels: [...kernels.values()].map(({ release, from, blob }) => ({ release, from, blob })),
    blobs: [...blobs.values()].map(({ btf }) => btf),
  };
}

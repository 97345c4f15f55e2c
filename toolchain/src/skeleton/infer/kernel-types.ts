import { spell } from "../../btf/layout.ts";
import { readBtf } from "../../btf/read.ts";
import type { ElfObject } from "../../elf/read.ts";

/** The size of one relocation, in bytes, of which the second number is the id of a type (linux/bpf.h, bpf_core_relo). */
const RELOCATION = 16;

/**
 * The structs whose layout is taken from the running kernel, as C spells them: those that CO-RE relocations name, in the
 * third part of `.BTF.ext` (the kernel's Documentation/bpf/btf.rst). A damaged part gives what was read before.
 */
export function kernelTypes(elf: ElfObject): ReadonlySet<string> {
  const found = new Set<string>();
  const [ext, types] = [elf.section(".BTF.ext")?.data, elf.section(".BTF")?.data];
  if (ext === undefined || types === undefined || ext.length < 32) return found;
  const btf = readBtf(types);
  const view = new DataView(ext.buffer, ext.byteOffset, ext.byteLength);
  const header = view.getUint32(4, true);
  // Headers of this size and more have the place of the relocations.
  if (header < 32) return found;
  let at = header + view.getUint32(24, true);
  const end = Math.min(ext.length, at + view.getUint32(28, true));
  const size = at + 4 <= end ? view.getUint32(at, true) : 0;
  if (size < RELOCATION) return found;
  at += 4;
  while (at + 8 <= end) {
    const count = view.getUint32(at + 4, true);
    at += 8;
    for (let index = 0; index < count && at + size <= end; index++, at += size)
      found.add(spell(btf, view.getUint32(at + 4, true)));
  }
  return found;
}

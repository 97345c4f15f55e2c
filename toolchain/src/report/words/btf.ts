import type { BtfFailure } from "../../btf/failures.ts";
import type { ElfFailure } from "../../elf/failures.ts";
import type { Wording } from "./wording.ts";

const REBUILD = "Build it again from its source: npm run clean && npm run build";

export function btfWords(f: BtfFailure | ElfFailure): Wording | undefined {
  switch (f.kind) {
    case "elf-not-elf":
      return {
        what: "The object is not an ELF file.",
        next: "Give the .bpf.o that clang -target bpf wrote.",
      };
    case "elf-unsupported":
      return {
        what: "The object is not a BPF object for this machine.",
        why: `It is ${f.what}; wanted is a 64-bit little-endian relocatable object for BPF.`,
        next: "Compile it with clang -target bpf.",
      };
    case "elf-corrupt":
      return { what: "The object is damaged.", why: `In its ELF tables, ${f.what}.`, next: REBUILD };
    case "btf-missing":
      return {
        what: "The object has no type information.",
        why: "It has no .BTF section, so its globals, maps and events have no types.",
        next: "Compile with -g, and strip with llvm-strip -g, which keeps .BTF.",
      };
    case "btf-corrupt": {
      const where = f.type === undefined ? "" : ` (type ${f.type})`;
      return {
        what: "The object's type information is damaged.",
        why: `In .BTF, ${f.what}${where}.`,
        next: REBUILD,
      };
    }
    case "btf-unsupported":
      return {
        what: "The object's type information is newer than this bpf-app.",
        why: `It has ${f.what}.`,
        next: "Update bpf-app, or compile with an older clang.",
      };
    default:
      return undefined;
  }
}

import type { Wording } from "../base/wording.ts";
import type { ElfFailure } from "./failures.ts";

export function elfWords(f: ElfFailure): Wording {
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
      return {
        what: "The object is damaged.",
        why: `In its ELF tables, ${f.what}.`,
        next: "Build it again from its source: npm run clean && npm run build",
      };
  }
}

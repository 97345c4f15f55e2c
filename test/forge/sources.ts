import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defaultCache } from "../../vendor/cache.ts";
import { vendor } from "../../vendor/vendor.ts";
import { readProjectPins, type Trees } from "./pins.ts";

/** The real sources in the layouts that their repositories have, made in `dir` from Debian's packages. */
export async function realTrees(dir: string): Promise<Trees> {
  const app = join(dir, "debian");
  mkdirSync(app, { recursive: true });
  const { signal } = new AbortController();
  await vendor({
    pins: readProjectPins(),
    app,
    origins: ["pool", "index"],
    submodules: false,
    cache: defaultCache(),
    signal,
    say: () => {},
  });
  const from = (name: string) => join(app, "vendor", name);
  return {
    libbpf: from("libbpf"),
    zlib: from("zlib"),
    libelf: extractLibelf(from("libelf"), join(dir, "libelf")),
    bpftool: standaloneBpftool(from("bpftool"), join(dir, "bpftool")),
  };
}

const PUBLIC_HEADERS = ["gelf.h", "libelf.h", "nlist.h"];
const BORROWED = [
  "crc32.c",
  "eu-search.c",
  "next_prime.c",
  "eu-config.h",
  "eu-search.h",
  "fixedsizehash.h",
  "locks.h",
  "system.h",
];

/** elfutils' libelf and the few files it takes from its neighbour `lib`, in one folder. */
function extractLibelf(elfutils: string, to: string): string {
  const files = readdirSync(join(elfutils, "libelf")).filter((name) => /\.[ch]$/.test(name));
  for (const name of files)
    place(join(elfutils, "libelf", name), join(to, PUBLIC_HEADERS.includes(name) ? "include" : "src", name));
  for (const name of BORROWED) place(join(elfutils, "lib", name), join(to, "src", name));
  for (const name of ["libelf_crc32.c", "libelf_next_prime.c"]) {
    const file = join(to, "src", name);
    writeFileSync(file, readFileSync(file, "utf8").replace('"../lib/', '"'));
  }
  return to;
}

/** bpftool out of the kernel's tree, moved to where its own repository has it. */
function standaloneBpftool(kernel: string, to: string): string {
  cpSync(join(kernel, "tools", "bpf", "bpftool"), join(to, "src"), { recursive: true });
  cpSync(join(kernel, "tools", "include"), join(to, "include"), { recursive: true });
  cpSync(join(kernel, "tools", "arch"), join(to, "arch"), { recursive: true });
  cpSync(join(kernel, "kernel"), join(to, "src", "kernel"), { recursive: true });
  const makefile = join(to, "src", "Makefile");
  writeFileSync(makefile, standaloneMakefile(readFileSync(makefile, "utf8")));
  writeFileSync(join(to, "src", "Makefile.include"), MAKEFILE_INCLUDE);
  writeFileSync(join(to, "src", "Makefile.feature"), MAKEFILE_FEATURE);
  return to;
}

/** The kernel's Makefile for bpftool with the paths of the stand-alone repository. */
export function standaloneMakefile(kernel: string): string {
  const edits: [RegExp, string][] = [
    [/^include \.\.\/\.\.\/scripts\/Makefile\.include$/m, "include Makefile.include"],
    [/^(srctree := .*\$\(CURDIR\).*\n)(?:srctree := .*\n)+/m, "$1"],
    [/^BPF_DIR = .*$/m, "BPF_DIR = $(srctree)/libbpf/src"],
    [/OUTPUT=(\$\(LIBBPF\w*_OUTPUT\)) \\\n/g, "OBJDIR=$(patsubst %/,%,$1) \\\n"],
    [/DESTDIR=(\$\(LIBBPF\w*_DESTDIR:\/=\)) prefix=/g, 'DESTDIR="" PREFIX=$1'],
    [/\$\(srctree\)\/kernel\/bpf/g, "$(srctree)/src/kernel/bpf"],
    [/\$\(srctree\)\/tools\/include/g, "$(srctree)/include"],
    [/^ifeq \(\$\(FEATURES_DUMP\),\)\n(?:.*\n)*?endif$/m, "include Makefile.feature"],
    [/ feature-detect-clean$/m, ""],
  ];
  return edits.reduce((text, [pattern, replacement]) => {
    if (text.search(pattern) < 0) throw new Error(`bpftool's Makefile has nothing like ${pattern.source}`);
    return text.replace(pattern, replacement);
  }, kernel);
}

const MAKEFILE_INCLUDE = `CC ?= cc
HOSTCC ?= cc
HOSTLD ?= ld
HOSTAR ?= ar
CLANG ?= clang
LLVM_CONFIG ?= llvm-config
LLVM_STRIP ?= llvm-strip
EXTRA_WARNINGS := -Wshadow -Wformat-security
`;

/** Everything optional is off, and said to be off in the form in which bpftool's build says it. */
const MAKEFILE_FEATURE = `feature-clang-bpf-co-re := $(shell printf 'struct s { int i; } __attribute__((preserve_access_index)); struct s foo;' | $(CLANG) -g -target bpf -S -o - -x c - 2>/dev/null | grep -c BTF_KIND_VAR)
$(foreach feature,$(FEATURE_DISPLAY),$(info $(shell printf '...%30s: [ %s ]' $(feature) $(if $(filter 1,$(feature-$(feature))),on,OFF))))
`;

function place(from: string, to: string): void {
  mkdirSync(join(to, ".."), { recursive: true });
  cpSync(from, to);
}

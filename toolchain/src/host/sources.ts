import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { Failure } from "../base/failure.ts";
import { readIfThere } from "../base/replace-file.ts";

/**
 * The vendored sources. Their layout depends on the origin that they came from. All paths are relative to the app.
 *
 * | source  | layouts |
 * |---------|---------|
 * | libbpf  | the stand-alone repository, which the distributions package too |
 * | bpftool | the stand-alone repository (`src/`), or the kernel's tree (`tools/bpf/bpftool/`) |
 * | libelf  | the stand-alone extract (`src/`, `include/`), or elfutils (`libelf/`, `lib/`) |
 * | zlib    | upstream's |
 */
export interface Sources {
  readonly libbpf: string;
  readonly bpftool: {
    readonly dir: string;
    readonly layout: "standalone" | "kernel";
    readonly makeDir: string;
  };
  readonly libelf: {
    readonly dir: string;
    readonly layout: "extract" | "elfutils";
    readonly include: string;
    /** C files outside the library's own folder that it calls, relative to `dir`. */
    readonly more: readonly string[];
  };
  readonly zlib: string;
  /** The C files of zlib itself. Its folder also contains contributions and tests, which the build does not read. */
  readonly zlibFiles: readonly string[];
  /** The vmlinux.h for this architecture, if one is vendored. */
  readonly vmlinux?: string;
  /** The files that say of which version the sources are, and where they came from. */
  readonly records?: readonly string[];
}

/**
 * Finds the vendored sources of the app in `root`.
 * @throws Failure submodules-missing, source-missing, source-unknown-layout
 */
export function findSources(root: string, kernelArch: string): Sources {
  requireSubmodules(root);
  const has = (path: string) => existsSync(join(root, path));
  const one = <T>(name: string, layouts: readonly (readonly [probe: string, T])[]): T => {
    const dir = `vendor/${name}`;
    const match = layouts.find(([probe]) => has(`${dir}/${probe}`));
    if (match) return match[1];
    // A submodule that was not checked out is an empty folder.
    const kind =
      has(dir) && layouts.some(([probe]) => has(`${dir}/${probe.split("/")[0]}`))
        ? "source-unknown-layout"
        : "source-missing";
    throw new Failure("host", { kind, name, path: dir });
  };
  const vmlinux = `vendor/vmlinux.h/include/${kernelArch}/vmlinux.h`;
  const zlib = one("zlib", [["zlib.h", "vendor/zlib"]]);
  return {
    zlib,
    zlibFiles: readdirSync(join(root, zlib))
      .filter((file) => /\.[ch]$/.test(file))
      .sort()
      .map((file) => `${zlib}/${file}`),
    libbpf: one("libbpf", [["src/Makefile", "vendor/libbpf"]]),
    bpftool: one("bpftool", [
      ["src/Makefile", { dir: "vendor/bpftool", layout: "standalone", makeDir: "vendor/bpftool/src" }],
      [
        "tools/bpf/bpftool/Makefile",
        { dir: "vendor/bpftool", layout: "kernel", makeDir: "vendor/bpftool/tools/bpf/bpftool" },
      ],
    ]),
    libelf: one("libelf", [
      [
        "src/libelfP.h",
        { dir: "vendor/libelf", layout: "extract", include: "vendor/libelf/include", more: [] },
      ],
      [
        "libelf/libelfP.h",
        {
          dir: "vendor/libelf",
          layout: "elfutils",
          include: "vendor/libelf/libelf",
          // Search trees with locks, which libelf calls. elfutils 0.188, the one of Debian 12, does not have them.
          more: ["lib/eu-search.c"].filter((file) => has(`vendor/libelf/${file}`)),
        },
      ],
    ]),
    ...(has(vmlinux) ? { vmlinux } : {}),
    records: [
      "vendor/origins.json",
      "vendor/libbpf/src/libbpf_version.h",
      "vendor/libbpf/CHECKPOINT-COMMIT",
      "vendor/zlib/zlib.h",
      ...["libbpf", "libelf", "zlib"].flatMap((name) => submoduleHead(root, name) ?? []),
    ].filter(has),
  };
}

const NAMES = ["libbpf", "bpftool", "libelf", "zlib"];

/**
 * Refuses a clone whose submodules were not checked out. git leaves their folders empty, and one command gets all.
 * @throws Failure submodules-missing
 */
function requireSubmodules(root: string): void {
  const empty = NAMES.map((name) => `vendor/${name}`).filter((dir) => {
    const path = join(root, dir);
    return !existsSync(path) || readdirSync(path).length === 0;
  });
  if (empty.length === 0) return;
  const paths = submodulesOf(root);
  const missing = empty.filter((dir) => paths.includes(dir));
  if (missing.length > 0) throw new Failure("host", { kind: "submodules-missing", paths: missing });
}

/** The submodules of the repository that the app is in, relative to the app. The app need not be its topmost folder. */
function submodulesOf(root: string): string[] {
  for (let top = root; ; top = dirname(top)) {
    const text = readIfThere(join(top, ".gitmodules"));
    if (text !== undefined)
      return [...text.matchAll(/^\s*path\s*=\s*"?(.*?)"?\s*$/gm)].map(([, path = ""]) =>
        relative(root, join(top, path)),
      );
    if (existsSync(join(top, ".git")) || top === dirname(top)) return [];
  }
}

/** The file that names the commit which is checked out in a submodule; undefined if the source is none. */
function submoduleHead(root: string, name: string): string | undefined {
  const link = join(root, "vendor", name, ".git");
  if (!statSync(link, { throwIfNoEntry: false })?.isFile()) return undefined;
  const folder = /^gitdir: (.*)/.exec(readFileSync(link, "latin1"))?.[1];
  return folder && relative(root, join(resolve(dirname(link), folder), "HEAD"));
}

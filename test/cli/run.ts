// The command line as a user meets it: a process of its own, whose output goes into pipes.
import { spawnSync } from "node:child_process";
import { chmodSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { folderWith, MINIMAL } from "../app.ts";
import { HUNG_AFTER_MS } from "../hung.ts";
import { CLI } from "../mains.ts";
import { ROOT } from "../root.ts";

export { CLI };

/** An environment in which nothing is decided but what a test decides; undefined takes a variable out. */
export const PLAIN: NodeJS.ProcessEnv = {
  // With it, a test runner that the command starts would do nothing.
  NODE_TEST_CONTEXT: undefined,
  // V8 counts what is run less exactly where it finds compiled code from before.
  NODE_DISABLE_COMPILE_CACHE: "1",
  BPF_APP_CACHE: "off",
  CI: undefined,
  NO_COLOR: undefined,
  FORCE_COLOR: undefined,
};

export interface Said {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `bpf-app ARGS` in a folder, to its end. */
export function bpfApp(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Said {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    cwd,
    encoding: "utf8",
    env: { ...process.env, ...PLAIN, ...env },
    timeout: HUNG_AFTER_MS,
  });
  return { status, stdout, stderr };
}

/** Files in vendor/ that look like the real ones. */
export const VENDORED: Readonly<Record<string, string>> = {
  "vendor/libbpf/include/uapi/linux/bpf.h": "",
  "vendor/libbpf/src/Makefile": "",
  "vendor/bpftool/include/linux/types.h": "",
  "vendor/bpftool/kernel/bpf/disasm.c": "",
  "vendor/bpftool/src/Makefile": "",
  "vendor/libelf/include/libelf.h": "",
  "vendor/libelf/src/libelfP.h": "",
  "vendor/zlib/zconf.h": "",
  "vendor/zlib/zlib.h": "",
  "vendor/zlib/adler32.c": "",
};

/** The smallest app with sources in vendor/ that look like the real ones, and a Node to embed. */
export function appWithSources(): string {
  const app = folderWith({
    ...MINIMAL,
    ...VENDORED,
    // The skeletons are not those of the sources, so the types of something else are checked.
    "tsconfig.json": `{ "compilerOptions": { "lib": ["es5"], "types": [] }, "files": ["types.ts"] }`,
    "types.ts": "export const checked: boolean = true;\n",
  });
  symlinkSync(join(ROOT, "node_modules"), join(app, "node_modules"));
  return app;
}

/** What programs that a build needs say of themselves. */
const VERSIONS: Readonly<Record<string, string>> = {
  clang: "clang version 19.1.0",
  make: "GNU Make 4.4",
  cc: "cc (Debian) 14.2.0",
  "c++": "c++ (Debian) 14.2.0",
  git: "git version 2.47.0",
};

/** Stands for a compiler: makes a file of nothing, where the real one would make an object. */
const COMPILER = `while [ $# -gt 0 ]; do
  case "$1" in
    -o) out=$2 ;;
    -MF) depfile=$2 ;;
  esac
  shift
done
echo > "$out"
if [ -n "\${depfile-}" ]; then echo "$out:" > "$depfile"; fi`;

/** Stand for what a build runs. The object that clang makes is a real one, because skeletons are made of it for real. */
export const SCRIPTS = {
  cc: COMPILER,
  "c++": COMPILER,
  clang: `${COMPILER}\ncat '${join(ROOT, "test/skeleton/fixtures/events.bpf.o")}' > "$out"`,
  // The libraries take a moment, as the real ones do, so that a terminal has something to show meanwhile.
  make: `for word; do
  if [ "\${before-}" = -C ]; then cd "$word"; fi
  before=$word
  case "$word" in
    ARCHIVE=*) sleep 0.3; echo > "\${word#*=}" ;;
    DESTDIR=*) dest=\${word#*=} ;;
    OUTPUT=*) output=\${word#*=}/bootstrap ;;
    install_headers) mkdir -p "$dest/bpf"; echo > "$dest/bpf/bpf.h" ;;
    install) echo > "$dest/libbpf.a" ;;
    bootstrap) mkdir -p "$output"; cp "$(dirname "$0")/bpftool" "$output/bpftool" ;;
  esac
done`,
  bpftool: `case "$2" in
  object) cat "$4" > "$3" ;;
  skeleton) echo ;;
esac`,
  git: "true",
  "apt-get": "true",
};

/**
 * A folder of programs that stand for those that a build needs: with it a build needs no compiler, and takes seconds.
 * @param others scripts of programs that do something else when they are to do their work; undefined leaves one out
 */
export function programs(others: Readonly<Record<string, string | undefined>> = {}): string {
  const scripts = Object.entries({ ...SCRIPTS, ...others }).flatMap(([name, script]): [string, string][] =>
    script === undefined ? [] : [[name, `#!/bin/sh\nset -e\n${introduction(name)}${script}\n`]],
  );
  const folder = folderWith(Object.fromEntries(scripts));
  for (const [name] of scripts) chmodSync(join(folder, name), 0o755);
  return folder;
}

/** Answers what the build asks a program before it lets it work. */
function introduction(name: string): string {
  return `case "$1" in
  --version) echo '${VERSIONS[name] ?? name}'; exit ;;
  -print-prog-name=*) echo "\${1#*=}"; exit ;;
esac
`;
}

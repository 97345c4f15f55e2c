import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { Failure } from "../base/failure.ts";
import { type Install, installOf, NEEDS } from "../base/packages.ts";
import { findTool, which } from "../base/which.ts";
import type { Tool } from "./tool.ts";

/** What was learnt of a program by running it, valid while none of `stamps` changes. */
export interface Probed {
  readonly tool: Tool;
  readonly stamps: Readonly<Record<string, string>>;
  /** clang only: the directories it searches for headers. */
  readonly includes?: readonly string[];
}

/** The part of a file's state that changes when the file is replaced or written. */
export function stamp(path: string): string {
  try {
    const s = statSync(path, { bigint: true });
    return `${s.size}:${s.mtimeNs}:${s.ctimeNs}:${s.ino}`;
  } catch {
    return "absent";
  }
}

/**
 * Looks a program up and asks it who it is. `word` is the setting that names it. A command of several words, such as
 * `ccache gcc`, is known by all programs among them.
 * @throws Failure tool-missing, tool-broken
 */
export function probeTool(name: string, command: readonly string[], word: string, path: string): Probed {
  const [program = "", ...args] = command;
  const found = findTool(program, path);
  if (!found)
    throw new Failure("host", { kind: "tool-missing", tool: program, word, install: advice(name, path) });
  const full = [found, ...args];
  const version = ask(name, full, ["--version"]);
  const behind = args.flatMap((arg) => findTool(arg, path) ?? []);
  // The last program is the compiler itself, whatever is in front of it.
  const compiler = behind.at(-1) ?? found;
  const parts = [...[found, ...behind].map(realpathOrSelf), ...companions(name, full, compiler, version)];
  const identity = createHash("sha256").update(version);
  for (const part of parts) identity.update(contentIdentity(part));
  const tool: Tool = {
    name,
    path: found,
    ...(args.length > 0 ? { args } : {}),
    version: version.split("\n", 1)[0] as string,
    identity: identity.digest("hex"),
  };
  const stamps = Object.fromEntries([found, ...behind, ...parts].map((part) => [part, stamp(part)]));
  return name === "clang" ? { tool, stamps, includes: systemIncludes(full) } : { tool, stamps };
}

/** What would install a program of the table of needs here. */
export function advice(name: string, path: string): Install | undefined {
  return installOf(
    NEEDS.filter((need) => need.command === name),
    path,
  );
}

/** The head of a GNU build id note (gABI, type NT_GNU_BUILD_ID): name of 4 bytes, description of 20, type 3, "GNU". */
const BUILD_ID = Buffer.from("040000001400000003000000474e5500", "hex");

/**
 * What a program is: its build id, which the linker made of its content, or else the content itself. clang's libraries
 * have 160 MB, and the note lies in their first pages.
 */
function contentIdentity(path: string): Buffer {
  const head = Buffer.alloc(64 << 10);
  const fd = openSync(path, "r");
  try {
    readSync(fd, head, 0, head.length, 0);
  } finally {
    closeSync(fd);
  }
  const note = head.indexOf(BUILD_ID);
  if (note < 0) return readFileSync(path);
  return Buffer.concat([
    head.subarray(note, note + BUILD_ID.length + 20),
    Buffer.from(`${statSync(path).size}`),
  ]);
}

/** Drivers are small programs; what compiles lies in other files: cc1 of gcc, the shared libraries of clang. */
function companions(name: string, command: readonly string[], compiler: string, version: string): string[] {
  if (name !== "cc" && name !== "c++" && name !== "clang") return [];
  if (/clang/i.test(version)) {
    const lib = join(dirname(dirname(realpathSync(compiler))), "lib");
    if (!existsSync(lib)) return [];
    const wanted = /^lib(clang-cpp|LLVM)[-.0-9]*\.so[.0-9]*$/;
    return [
      ...new Set(
        readdirSync(lib)
          .filter((f) => wanted.test(f))
          .map((f) => realpathOrSelf(join(lib, f))),
      ),
    ].filter(existsSync);
  }
  // The assembler and the linker are the same for both.
  const programs = name === "cc" ? ["cc1", "as", "ld"] : ["cc1plus"];
  return programs
    .map((program) =>
      which(ask(name, command, [`-print-prog-name=${program}`]).trim(), process.env.PATH ?? ""),
    )
    .filter((file): file is string => file !== undefined)
    .map((file) => realpathSync(file));
}

function realpathOrSelf(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}

/** The directories clang searches, in order. With `-target bpf` it drops the architecture's own, which headers need. */
function systemIncludes([clang = "", ...args]: readonly string[]): string[] {
  const { stderr } = spawnSync(clang, [...args, "-v", "-E", "-x", "c", "/dev/null"], {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
  });
  return parseSearchList(stderr);
}

/** Reads the list between clang's two marker lines. */
export function parseSearchList(verbose: string): string[] {
  const lines = verbose.split("\n");
  const start = lines.findIndex((line) => line.startsWith("#include <...> search starts here"));
  const end = lines.findIndex((line) => line.startsWith("End of search list"));
  return lines
    .slice(start + 1, end)
    .map((line) => line.trim())
    .filter((line) => line.startsWith("/"));
}

function ask(tool: string, [path = "", ...args]: readonly string[], question: readonly string[]): string {
  try {
    return execFileSync(path, [...args, ...question], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, LC_ALL: "C" },
    });
  } catch (error) {
    const output = String((error as { stderr?: string }).stderr || (error as Error).message);
    throw new Failure("host", { kind: "tool-broken", tool, path, output });
  }
}

import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  statSync,
} from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { Failure } from "../base/failure.ts";
import type { Tool } from "../plan/step.ts";
import type { HostFailure } from "./failures.ts";
import { NEEDS } from "./packages.ts";

/** What was learnt of a program by running it, valid while none of `stamps` changes. */
export interface Probed {
  readonly tool: Tool;
  readonly stamps: Readonly<Record<string, string>>;
  /** clang only: the directories it searches for headers. */
  readonly includes?: readonly string[];
}

/** Finds a program as a shell would, with a path in it taken as it is. */
export function which(command: string, path: string): string | undefined {
  const candidates = command.includes("/")
    ? [resolve(command)]
    : path.split(delimiter).map((dir) => join(dir, command));
  return candidates.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return statSync(file).isFile();
    } catch {
      return false;
    }
  });
}

/** What Debian calls the programs of which a machine may have numbered versions alone. */
const NUMBERED: Readonly<Record<string, string>> = { clang: "clang", cc: "gcc", "c++": "g++" };

/** Finds a program as `which` does; a compiler also by its newest numbered name, such as clang-19. */
export function findTool(command: string, path: string): string | undefined {
  const plain = which(command, path);
  const stem = NUMBERED[command];
  if (plain || !stem) return plain;
  const numbers = path
    .split(delimiter)
    .flatMap((dir) => (existsSync(dir) ? readdirSync(dir) : []))
    .flatMap((name) => (name.startsWith(`${stem}-`) ? [Number(name.slice(stem.length + 1))] : []))
    .filter(Number.isInteger)
    .sort((a, b) => b - a);
  return numbers.map((number) => which(`${stem}-${number}`, path)).find((file) => file !== undefined);
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
 * Looks a program up and asks it who it is. `word` is the setting that names it.
 * @throws Failure tool-missing, tool-broken
 */
export function probeTool(name: string, command: string, word: string, path: string): Probed {
  const found = findTool(command, path);
  if (!found) {
    const need = NEEDS.find((n) => n.command === name);
    throw new Failure<HostFailure>({
      kind: "tool-missing",
      tool: command,
      word,
      packages: need ? [need.apt] : [],
    });
  }
  const version = ask(name, found, ["--version"]);
  const parts = [realpathSync(found), ...companions(name, found, version)];
  const identity = createHash("sha256").update(version);
  for (const part of parts) identity.update(contentIdentity(part));
  const tool: Tool = {
    name,
    path: found,
    version: version.split("\n", 1)[0] as string,
    identity: identity.digest("hex"),
  };
  const stamps = Object.fromEntries([found, ...parts].map((part) => [part, stamp(part)]));
  return name === "clang" ? { tool, stamps, includes: systemIncludes(found) } : { tool, stamps };
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
function companions(name: string, path: string, version: string): string[] {
  if (name !== "cc" && name !== "c++" && name !== "clang") return [];
  if (/clang/i.test(version)) {
    const lib = join(dirname(dirname(realpathSync(path))), "lib");
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
    .map((program) => which(ask(name, path, [`-print-prog-name=${program}`]).trim(), process.env.PATH ?? ""))
    .filter((file): file is string => file !== undefined)
    .map((file) => realpathSync(file));
}

function realpathOrSelf(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}

/** The directories clang searches, in order. With `-target bpf` it drops the architecture's own, which headers need. */
function systemIncludes(clang: string): string[] {
  const { stderr } = spawnSync(clang, ["-v", "-E", "-x", "c", "/dev/null"], {
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

function ask(tool: string, path: string, args: string[]): string {
  try {
    return execFileSync(path, args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, LC_ALL: "C" },
    });
  } catch (error) {
    const output = String((error as { stderr?: string }).stderr ?? (error as Error).message);
    throw new Failure<HostFailure>({ kind: "tool-broken", tool, path, output });
  }
}

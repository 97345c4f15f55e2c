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
import { type Arch, archOf } from "../base/arch.ts";
import { Failure } from "../base/failure.ts";
import { installOfProgram } from "../base/packages.ts";
import { findTool, which } from "../base/which.ts";
import type { Config } from "../config/load.ts";
import { SETTINGS } from "../config/settings.ts";
import { hostArch } from "./kernel.ts";
import { commandOf, type Tool } from "./tool.ts";

/** What was learnt of a program by running it. It is valid as long as none of the stamped files changes. */
export interface Probed {
  readonly tool: Tool;
  /** The stamp of each file that the program consists of, by the file's path. */
  readonly stamps: Readonly<Record<string, string>>;
  /** For clang only: the directories in which it searches for headers. */
  readonly includes?: readonly string[];
  /** For compilers: the machine that they compile for, as `aarch64-linux-gnu`; empty if they do not say. */
  readonly target?: string;
}

/** The setting that names each program of a build, by the program's name in the table of needs. git has none. */
export const TOOL_SETTINGS = {
  clang: "clang",
  make: "make",
  cc: "cc",
  "c++": "cxx",
  hostcc: "hostcc",
} as const;

export type ToolName = keyof typeof TOOL_SETTINGS;

/**
 * The command of a program of a build: what its setting says or, for a compiler that no setting names, the one that
 * compiles for the other machine.
 */
export function commandOfSetting(name: ToolName, { values, sources }: Config, arch: Arch): readonly string[] {
  const key = TOOL_SETTINGS[name];
  const cross = arch === hostArch() || sources[key] !== "default" ? undefined : CROSS[name];
  return cross === undefined ? values[key] : [`${arch.gnu}-${cross}`];
}

/** What follows the triple in the names of GNU's compilers for other machines. */
const CROSS: Readonly<Partial<Record<ToolName, string>>> = { cc: "gcc", "c++": "g++" };

/**
 * Probes a program of a build under the name that its setting gives. clang is told which machine it is to compile for.
 * @param arch what the app is built for
 * @throws Failure tool-missing, tool-broken, compiler-other-machine
 */
export function probeSetting(name: ToolName, config: Config, arch: Arch, path: string): Probed {
  const key = TOOL_SETTINGS[name];
  const word = SETTINGS.find((setting) => setting.key === key)?.word ?? key;
  const command = commandOfSetting(name, config, arch);
  const probed = probeTool(name, command, word, path);
  const wanted = { cc: arch, "c++": arch, hostcc: hostArch() }[name as string];
  if (wanted === undefined || isFor(wanted, probed)) return probed;
  const told = [...command, `--target=${wanted.gnu}`];
  if (/clang/i.test(probed.tool.version) && !command.some((arg) => arg.startsWith("--target")))
    return probeTool(name, told, word, path);
  const { target = "" } = probed;
  throw new Failure("host", {
    kind: "compiler-other-machine",
    word,
    command: command.join(" "),
    target,
    arch: wanted.node,
  });
}

/** Whether a compiler makes code for a machine. One that does not say for which is taken at its word. */
function isFor(arch: Arch, { target = "" }: Probed): boolean {
  const cpu = target.split("-")[0] as string;
  return target === "" || archOf(cpu) === arch || archOf(cpu) === undefined;
}

/** Programs of a build that are the same as another one, by the name that the table of packages has for that. */
const PACKAGED: Readonly<Record<string, string>> = { hostcc: "cc" };

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
 * Finds a program and asks it for its version. The identity of a command of several words, such as `ccache gcc`, covers
 * all of the programs among them.
 *
 * @param word the setting that names the program, for the message
 * @param path the folders to search, as in PATH
 * @throws Failure tool-missing, tool-broken
 */
export function probeTool(name: string, command: readonly string[], word: string, path: string): Probed {
  const [program = "", ...args] = command;
  const found = findTool(program, path);
  if (!found)
    throw new Failure("host", {
      kind: "tool-missing",
      tool: program,
      word,
      install: installOfProgram(/-linux-gnu-/.test(program) ? program : (PACKAGED[name] ?? name), path),
    });
  const full = [found, ...args];
  const version = ask(name, full, ["--version"]);
  const behind = args.flatMap((arg) => findTool(arg, path) ?? []);
  // The last program of the command is the compiler; those before it are wrappers.
  const compiler = behind.at(-1) ?? found;
  const parts = [...[found, ...behind].map(realpathOrSelf), ...companions(name, full, compiler, version)];
  const identity = createHash("sha256").update(version);
  for (const part of parts) identity.update(contentIdentity(part));
  const tool: Tool = {
    // What it is used for does not make it another program: its results are shared.
    name: PACKAGED[name] ?? name,
    path: found,
    ...(args.length > 0 ? { args } : {}),
    version: version.split("\n", 1)[0] as string,
    identity: identity.digest("hex"),
  };
  const stamps = Object.fromEntries([found, ...behind, ...parts].map((part) => [part, stamp(part)]));
  if (name === "clang") return { tool, stamps, includes: systemIncludes(full) };
  return name === "make" ? { tool, stamps } : { tool, stamps, target: targetOf(full) };
}

/** The machine that a compiler compiles for. Both GCC and clang know this option. */
function targetOf([path = "", ...args]: readonly string[]): string {
  const { stdout, status } = spawnSync(path, [...args, "-dumpmachine"], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : "";
}

/** The head of a GNU build id note: the sizes of name (4) and description (20), the type NT_GNU_BUILD_ID (3), "GNU". */
const BUILD_ID = Buffer.from("040000001400000003000000474e5500", "hex");

/**
 * Bytes that identify a program: its build id, which the linker computed from its content, or otherwise its whole
 * content. clang's libraries have 160 MB, and the note lies in their first pages.
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

/** A compiler's command is a small program. The compiler is in other files: cc1 for gcc, shared libraries for clang. */
function companions(name: string, command: readonly string[], compiler: string, version: string): string[] {
  if (name === "make") return [];
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
  // cc and c++ share the assembler and the linker, so they are looked at once.
  const programs = name === "c++" ? ["cc1plus"] : ["cc1", "as", "ld"];
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

/**
 * The folders in which clang searches for headers when it compiles for a machine of another architecture.
 * @param clang the command
 */
export function crossIncludes(clang: Tool, arch: Arch): string[] {
  return systemIncludes([...commandOf(clang), `--target=${arch.gnu}`]);
}

/**
 * The directories that clang searches, in order. With `-target bpf` it drops the directory of the host's architecture,
 * which the system's headers need.
 */
function systemIncludes([clang = "", ...args]: readonly string[]): string[] {
  const { stderr } = spawnSync(clang, [...args, "-v", "-E", "-x", "c", "/dev/null"], {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
  });
  return parseSearchList(stderr);
}

/** Reads the list of directories that `clang -v` prints between two marker lines. */
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

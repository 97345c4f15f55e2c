import { spawnSync } from "node:child_process";
import { cpSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { appOf, run } from "../app.ts";

const HERE = import.meta.dirname;

/** Who is compared. Columns have this order. */
export const RIVALS = { c: "C", go: "Go", rust: "Rust" } as const;
export type Rival = keyof typeof RIVALS;

/** What is measured, built. */
export interface Peers {
  /** The app's folder. */
  readonly app: string;
  readonly producer: string;
  /** The programs of the rivals that could be built. All take an object's path first. */
  readonly programs: Readonly<Partial<Record<Rival, string>>>;
  /** What each one is, with its version. */
  readonly versions: Readonly<Record<string, string>>;
  /** Who is left out, and why: a sentence each. */
  readonly absent: readonly string[];
}

/** A rival whose toolchain may not be here. */
interface Guest {
  readonly rival: "go" | "rust";
  /** What prints the toolchain's version. */
  readonly toolchain: readonly [program: string, flag: string];
  readonly build: (folder: string, app: string) => string;
  readonly library: () => string;
}
const GUESTS: readonly Guest[] = [
  {
    rival: "go",
    toolchain: ["go", "version"],
    build: buildGo,
    library: () => `cilium/ebpf ${pinned("go/go.mod", /cilium\/ebpf v(\S+)/)}`,
  },
  {
    rival: "rust",
    toolchain: ["rustc", "--version"],
    build: buildRust,
    library: () => `libbpf-rs ${pinned("rust/Cargo.toml", /libbpf-rs .*"=([^"]+)"/)} over the same libbpf`,
  },
];

/**
 * Builds the app and its rivals in a folder. Go and Rust download what go.sum and Cargo.lock name to their usual caches.
 * A rival in Go or Rust that cannot be built is left out, and that is said: its toolchain is not here, or is too old, or
 * cannot download what it needs.
 */
export function buildPeers(folder: string): Peers {
  const app = join(folder, "app");
  appOf(
    app,
    ["kernel", "app"].flatMap((name) => globSync(join(HERE, name, "*"))),
  );
  const c = buildC(app, join(folder, "rival-c"));
  const node = run(app, [join(app, "node_modules/.bin/node"), "--version"]).trim();
  const programs: Partial<Record<Rival, string>> = { c };
  const versions: Record<string, string> = {
    c: `libbpf ${run(folder, [c, "version"]).trim()}, ${firstLine("cc", "--version")}`,
    us: `bpf-app on Node ${node.slice(1)}`,
  };
  const absent: string[] = [];
  for (const { rival, toolchain, build, library } of GUESTS) {
    const here = spawnSync(toolchain[0], [toolchain[1]], { stdio: "ignore" }).status === 0;
    const program = here ? built(() => build(folder, app)) : undefined;
    if (program === undefined) {
      const why = here ? "is here, but its program does not build" : "is not here";
      absent.push(`${RIVALS[rival]} ${why}: its columns are left out.`);
    } else {
      programs[rival] = program;
      versions[rival] = `${library()}, ${firstLine(...toolchain)}`;
    }
  }
  return { app, producer: buildProducer(folder), programs, versions, absent };
}

function built(build: () => string): string | undefined {
  try {
    return build();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return undefined;
  }
}

/** Compiles the rival in C against the libraries that the app was built with. */
function buildC(app: string, out: string): string {
  const include = [".output", "vendor/libbpf/include/uapi"].flatMap((path) => ["-isystem", join(app, path)]);
  const libraries = ["libbpf.a", "libelf.a", "libz.a"].map((name) => join(app, ".output", name));
  const sources = globSync(join(HERE, "c/*.c"));
  run(HERE, ["cc", "-O2", "-Wall", "-Wextra", "-Ikernel", ...include, ...sources, "-o", out, ...libraries]);
  return out;
}

function buildProducer(folder: string): string {
  const out = join(folder, "producer");
  run(HERE, ["cc", "-O2", "-Wall", "-Wextra", join(HERE, "producer.c"), "-o", out]);
  return out;
}

function buildGo(folder: string): string {
  const out = join(folder, "rival-go");
  // Another version of Go than the one that is here would be another download.
  const env = { ...process.env, GOTOOLCHAIN: "local", GOFLAGS: "-mod=readonly -trimpath" };
  run(join(HERE, "go"), ["go", "build", "-o", out, "."], env);
  return out;
}

function buildRust(folder: string, app: string): string {
  const target = join(folder, "rust");
  const env = {
    ...process.env,
    CARGO_TARGET_DIR: target,
    LIBBPF_SYS_LIBRARY_PATH: join(app, ".output"),
  };
  run(join(HERE, "rust"), ["cargo", "build", "--release", "--locked"], env);
  const out = join(folder, "rival-rust");
  cpSync(join(target, "release/peers"), out);
  return out;
}

function firstLine(program: string, flag: string): string {
  return run(HERE, [program, flag]).split("\n")[0]!.trim();
}

function pinned(file: string, version: RegExp): string {
  const found = version.exec(readFileSync(join(HERE, file), "utf8"))?.[1];
  if (found === undefined) throw new Error(`${file} names no version`);
  return found;
}

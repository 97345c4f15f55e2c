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

/**
 * Builds the app and its rivals in a folder. Go and Rust download what go.sum and Cargo.lock name to their usual caches.
 * A rival whose toolchain is not here is left out; one that is here and does not build is an error.
 */
export function buildPeers(folder: string): Peers {
  const app = join(folder, "app");
  appOf(
    app,
    ["kernel", "app"].flatMap((name) => globSync(join(HERE, name, "*"))),
  );
  const programs: Partial<Record<Rival, string>> = { c: buildC(app, join(folder, "rival-c")) };
  const libbpf = `libbpf ${run(folder, [programs.c!, "version"]).trim()}`;
  const versions: Record<string, string> = {
    c: `${libbpf}, ${firstLine("cc", "--version")}`,
    us: `bpf-app on Node ${run(app, [join(app, "node_modules/.bin/node"), "--version"])
      .trim()
      .slice(1)}`,
  };
  const absent: string[] = [];
  if (installed("go", "version")) {
    programs.go = buildGo(folder);
    versions.go = `cilium/ebpf ${pinned("go/go.mod", /cilium\/ebpf v(\S+)/)}, ${firstLine("go", "version")}`;
  } else absent.push("Go is not here: its columns are left out.");
  if (installed("cargo", "--version")) {
    programs.rust = buildRust(folder, app);
    versions.rust = `libbpf-rs ${pinned("rust/Cargo.toml", /libbpf-rs .*"=([^"]+)"/)} over ${libbpf}, ${firstLine("rustc", "--version")}`;
  } else absent.push("Rust is not here: its columns are left out.");
  return { app, producer: buildProducer(folder), programs, versions, absent };
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

function installed(program: string, flag: string): boolean {
  return spawnSync(program, [flag], { stdio: "ignore" }).status === 0;
}

function firstLine(program: string, flag: string): string {
  return run(HERE, [program, flag]).split("\n")[0]!.trim();
}

function pinned(file: string, version: RegExp): string {
  const found = version.exec(readFileSync(join(HERE, file), "utf8"))?.[1];
  if (found === undefined) throw new Error(`${file} names no version`);
  return found;
}

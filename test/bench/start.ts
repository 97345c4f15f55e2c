import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../root.ts";
import { appOf, run } from "./app.ts";
import { median } from "./turns.ts";

/** What a start costs: times in milliseconds, memory in MB of 2^20 bytes. */
export interface StartCost {
  /** Median and minimum by the clock, from exec until the programs are attached. */
  readonly wall: number;
  readonly wall_min: number;
  /** Median and minimum of the processor time of all threads until then. */
  readonly cpu: number;
  readonly cpu_min: number;
  /** Resident memory at that moment, the part of it that belongs to no file, and the peak: medians. */
  readonly rss: number;
  readonly anonymous: number;
  readonly peak: number;
}

/** The figures of one run. Everything took turns. */
export interface StartFigures {
  readonly rounds: number;
  /** What each one is, with its version. */
  readonly versions: Readonly<Record<string, string>>;
  /** Who is left out, and why: a sentence each. */
  readonly absent: readonly string[];
  readonly costs: Readonly<Record<string, StartCost>>;
  /**
   * The medians of the ratios of the app without CO-RE to a bare `node -e 0` in the same round, by the clock and by
   * processor time. Target: at most 1.15.
   */
  readonly wall_to_node: number;
  readonly cpu_to_node: number;
}

/**
 * Who is compared, in the order of the table. Those without CO-RE attach the program of the template minimal, the others the
 * two of bootstrap, for which libbpf reads the types of the kernel.
 */
export const START_TITLES: Readonly<Record<string, string>> = {
  c_plain: "C, a skeleton of libbpf, without CO-RE",
  c: "C, a skeleton of libbpf, with CO-RE",
  bpftrace: "bpftrace, with CO-RE",
  node: "bare Node: node -e 0, to its end",
  node_line: "bare Node, to a line it writes",
  us_plain: "bpf-app, an app that only attaches, without CO-RE",
  us: "bpf-app, an app that only attaches, with CO-RE",
  template: "bpf-app, the template bootstrap, to its first line",
};

const HERE = join(import.meta.dirname, "start");
const LINE = 'fs.writeSync(1, "attached\\n"); setInterval(() => {}, 60000)';

interface Sample {
  readonly wall: number;
  readonly cpu: number;
  readonly rss: number;
  readonly anonymous: number;
  readonly peak: number;
}

export interface StartOptions {
  /** Few rounds, to see that it works. */
  readonly quick?: boolean;
}

/** Builds the app and its rivals in a temporary folder, and starts them as root. */
export function benchStart({ quick = false }: StartOptions = {}): StartFigures {
  if (process.getuid?.() !== 0) throw new Error("programs can be loaded by root only: run this as root");
  const folder = mkdtempSync(join(tmpdir(), "bench-start-"));
  try {
    const rounds = quick ? 5 : 60;
    const { measure, commands, versions, absent } = build(folder);
    const samples: Record<string, Sample[]> = {};
    // The first round brings the files into memory, and does not count.
    for (let round = 0; round <= rounds; round++) {
      for (const [name, command] of Object.entries(commands)) {
        const sample = JSON.parse(run(folder, [measure, ...command])) as Sample;
        if (round > 0) samples[name] = [...(samples[name] ?? []), sample];
      }
    }
    const ratio = (of: "wall" | "cpu") =>
      median(samples.us_plain!.map((us, round) => us[of] / samples.node![round]![of]));
    const costs = Object.entries(samples).map(([name, all]) => [name, costOf(all)]);
    return {
      rounds,
      versions,
      absent,
      costs: Object.fromEntries(costs),
      wall_to_node: ratio("wall"),
      cpu_to_node: ratio("cpu"),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Built {
  readonly measure: string;
  /** For each one the text that it writes when it has attached, its program and the arguments. */
  readonly commands: Readonly<Record<string, readonly string[]>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly absent: readonly string[];
}

function build(folder: string): Built {
  const app = join(folder, "app");
  const templates = globSync(join(ROOT, "templates/{bootstrap,minimal}/src/*.{bpf.c,h,ts}"));
  const own = globSync(join(HERE, "{start,plain}.{bpf.c,ts}"));
  appOf(app, [...templates.filter((file) => !file.endsWith(".test.ts")), ...own]);
  const at = (path: string) => join(app, path);
  const rival = (name: string) => join(folder, `rival-${name}`);
  const include = [".output", "vendor/libbpf/include/uapi"].flatMap((path) => ["-isystem", at(path)]);
  const libraries = ["libbpf.a", "libelf.a", "libz.a"].map((name) => at(`.output/${name}`));
  const strict = ["-O2", "-Wall", "-Wextra"];
  for (const [name, ...more] of [["start", "-DRING"], ["plain"]] as const) {
    const flags = [...strict, ...include, `-DSKELETON=${name}`, ...more];
    run(folder, ["cc", ...flags, join(HERE, "rival.c"), "-o", rival(name), ...libraries]);
  }
  const measure = join(folder, "measure");
  run(folder, ["cc", ...strict, "-D_GNU_SOURCE", join(HERE, "measure.c"), "-o", measure]);
  const node = at(".output/node");
  const bpftrace = spawnSync("bpftrace", ["--version"], { encoding: "utf8" });
  const here = bpftrace.status === 0;
  return {
    measure,
    commands: {
      c_plain: ["attached", rival("plain")],
      c: ["attached", rival("start")],
      ...(here ? { bpftrace: ["attached", "bpftrace", join(HERE, "start.bt")] } : {}),
      node: ["", node, "-e", "0"],
      node_line: ["attached", node, "-e", LINE],
      us_plain: ["attached", at("dist/plain")],
      us: ["attached", at("dist/start")],
      template: ["Tracing", at("dist/bootstrap")],
    },
    versions: {
      c: run(folder, ["cc", "--version"]).split("\n")[0]!.trim(),
      ...(here ? { bpftrace: bpftrace.stdout.trim() } : {}),
      us: `bpf-app on Node ${run(folder, [node, "--version"]).trim().slice(1)}`,
    },
    absent: here ? [] : ["bpftrace is not here: its row is left out."],
  };
}

function costOf(samples: readonly Sample[]): StartCost {
  const all = (of: keyof Sample) => samples.map((sample) => sample[of]);
  const [wall, cpu] = [all("wall"), all("cpu")].map((times) => times.map((time) => time / 1e6));
  const megabytes = (of: keyof Sample) => round(median(all(of)) / 1024);
  return {
    wall: round(median(wall!)),
    wall_min: round(Math.min(...wall!)),
    cpu: round(median(cpu!)),
    cpu_min: round(Math.min(...cpu!)),
    rss: megabytes("rss"),
    anonymous: megabytes("anonymous"),
    peak: megabytes("peak"),
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** The figures as lines for people. */
export function startText(figures: StartFigures): string {
  const { costs, rounds, versions, absent, wall_to_node, cpu_to_node } = figures;
  const names = Object.keys(START_TITLES).filter((name) => costs[name]);
  const width = Math.max(...names.map((name) => START_TITLES[name]!.length));
  const cells = (values: readonly (string | number)[]) =>
    values.map((value) => String(value).padStart(9)).join("");
  const rows = names.map((name) => {
    const { wall, wall_min, cpu, cpu_min, rss, anonymous, peak } = costs[name] as StartCost;
    const memory = rss > 0 ? [rss, anonymous, peak] : ["–", "–", peak];
    return `  ${START_TITLES[name]!.padEnd(width)}${cells([wall, wall_min, cpu, cpu_min, ...memory])}`;
  });
  return [
    `from exec until the programs are attached, ${rounds} rounds: ms by the clock and of processor time; MB`,
    `  ${"".padEnd(width)}${cells(["clock", "least", "cpu", "least", "resident", "no file", "peak"])}`,
    ...rows,
    `  ${wall_to_node.toFixed(2)} × node -e 0 by the clock, ${cpu_to_node.toFixed(2)} × by processor time (target 1.15)`,
    `  ${costs.us_plain?.rss} MB resident (target 46)`,
    `  ${Object.values(versions).join("; ")}`,
    ...absent.map((sentence) => `  ${sentence}`),
  ].join("\n");
}

import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../root.ts";

/** The medians of one run, in seconds of wall time. Ratios are ratios of medians. */
export interface BuildFigures {
  /** The template `minimal`, from empty caches to the finished file. */
  readonly cold: number;
  /**
   * The processor seconds of that build, divided by the number of processors: no schedule can be faster. Target: a
   * ratio of at most 1.25.
   */
  readonly cold_bound: number;
  readonly cold_ratio: number;
  /** A second app on the same machine, which finds the caches filled. Target: at most 0.15 of the cold build. */
  readonly second: number;
  readonly second_ratio: number;
  /** From the edit of one line of `.bpf.c`, or of `.ts`, to the finished file. Targets: 0.6 s and 0.5 s. */
  readonly edit_bpf: number;
  readonly edit_ts: number;
  /** A build with nothing to do, compared with `node -e 0`. Target: at most three times as long. */
  readonly noop: number;
  readonly node: number;
  readonly noop_ratio: number;
}

/** Scaffolds `minimal` and times its build as a user meets it: whole processes, caches in a folder of their own. */
export async function benchBuild(): Promise<BuildFigures> {
  const folder = mkdtempSync(join(tmpdir(), "bench-build-"));
  try {
    const app = join(folder, "app");
    for (const part of ["toolchain", "create"]) {
      must(
        spawnSync(process.execPath, [join(ROOT, part, "build.mjs")], { stdio: "ignore" }).status === 0,
        `${part}/build.mjs failed`,
      );
    }
    const scaffolder = [join(ROOT, "create/dist/main.js"), app, "--template", "minimal", "--yes", "--no-git"];
    must(spawnSync(process.execPath, scaffolder, { stdio: "ignore" }).status === 0, "the scaffolder failed");
    return measure(folder, app);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function measure(folder: string, app: string): BuildFigures {
  const cache = join(folder, "cache");
  const cold = median(3, () => {
    rmSync(cache, { recursive: true, force: true });
    rmSync(join(app, ".output"), { recursive: true, force: true });
    return build(app, cache);
  });
  // A second app is a second folder: its sources are the same but their dates are not, and nothing in it is built.
  const other = join(folder, "other");
  const second = median(5, () => {
    rmSync(other, { recursive: true, force: true });
    cpSync(app, other, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !/\/(\.output|dist)$/.test(path) || path.includes("node_modules"),
    });
    return build(other, cache);
  });
  build(app, cache);
  const editBpf = median(7, (i) =>
    edited(join(app, "src/minimal.bpf.c"), `int edit_${i};`, () => build(app, cache)),
  );
  const editTs = median(7, (i) =>
    edited(join(app, "src/minimal.ts"), `console.debug(${i});`, () => build(app, cache)),
  );
  build(app, cache);
  const noop = median(15, () => build(app, cache));
  const node = median(15, () => timed(nodeOf(app), ["-e", "0"], app, {}));
  const bound = cold.cpu / availableParallelism();
  return {
    cold: cold.wall,
    cold_bound: bound,
    cold_ratio: cold.wall / bound,
    second: second.wall,
    second_ratio: second.wall / cold.wall,
    edit_bpf: editBpf.wall,
    edit_ts: editTs.wall,
    noop: noop.wall,
    node: node.wall,
    noop_ratio: noop.wall / node.wall,
  };
}

interface Time {
  readonly wall: number;
  /** User and system time of the process and all its children. */
  readonly cpu: number;
}

function nodeOf(app: string): string {
  return join(app, "node_modules/.bin/node");
}

function build(app: string, cache: string): Time {
  return timed(nodeOf(app), [join(app, "node_modules/bpf-app/dist/cli.js"), "build"], app, {
    BPF_APP_CACHE: cache,
  });
}

function timed(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Time {
  const cpuBefore = childrenCpu();
  const start = performance.now();
  const { status, stderr } = spawnSync(program, args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  const wall = (performance.now() - start) / 1000;
  must(status === 0, stderr);
  return { wall, cpu: childrenCpu() - cpuBefore };
}

/**
 * The processor seconds of children that have ended, from /proc/self/stat: fields 16 and 17, in ticks of 1/100 s
 * (proc_pid_stat(5)).
 */
function childrenCpu(): number {
  const fields = readFileSync("/proc/self/stat", "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

function edited(file: string, line: string, work: () => Time): Time {
  const text = readFileSync(file, "utf8");
  writeFileSync(file, `${text}\n${line}\n`);
  try {
    return work();
  } finally {
    writeFileSync(file, text);
  }
}

/** The run whose wall time is the median. */
function median(rounds: number, work: (round: number) => Time): Time {
  const times = Array.from({ length: rounds }, (_, round) => work(round)).sort((a, b) => a.wall - b.wall);
  return times[rounds >> 1] as Time;
}

function must(ok: boolean, text: string): void {
  if (!ok) throw new Error(text);
}

export function buildText(f: BuildFigures): string {
  const row = (what: string, seconds: number, note: string) =>
    `  ${what.padEnd(24)} ${seconds.toFixed(3).padStart(8)} s  ${note}\n`;
  return [
    row("cold", f.cold, `${f.cold_ratio.toFixed(2)} × processor seconds over processors (target 1.25)`),
    row("a second app", f.second, `${f.second_ratio.toFixed(3)} × cold (target 0.15)`),
    row("an edit of .bpf.c", f.edit_bpf, "(target 0.6 s)"),
    row("an edit of .ts", f.edit_ts, "(target 0.5 s)"),
    row("nothing changed", f.noop, `${f.noop_ratio.toFixed(2)} × node -e 0 (target 3)`),
  ].join("");
}

import { execFileSync } from "node:child_process";
import { copyFile, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inject, makeBlob, stripBase } from "../../toolchain/src/sea/index.ts";
import { nodePackage } from "../build/nodes.ts";

/** The figures of one run. Times are medians, in milliseconds. */
export interface LinkFigures {
  /**
   * How much longer it takes to make the executable than to copy its base, in the same run. Target: at most 3 times.
   */
  readonly ratio_to_copy: number;
  readonly inject_ms: number;
  readonly copy_ms: number;
  readonly strip_ms: number;
  readonly blob_ms: number;
  /** Peak memory of a process that does nothing but the injection. Target: at most 150. */
  readonly max_rss_mb: number;
  /** The file's size as `ls` shows it, and as `du` does. */
  readonly size_mb: number;
  readonly disk_mb: number;
  readonly node: string;
}

const VERSION = "24.21.0";

/** The sizes in bytes of an addon and a bundle, about as large as they usually are. */
const ADDON = 2 << 20;
const BUNDLE = 500 << 10;

/** Makes an executable `rounds` times, in turn with plain copies of its base. */
export async function benchLink({ rounds = 15 }: { rounds?: number } = {}): Promise<LinkFigures> {
  const folder = await mkdtemp(join(tmpdir(), "bench-link-"));
  try {
    const at = (name: string) => join(folder, name);
    const { node } = await nodePackage(process.arch === "arm64" ? "arm64" : "x64", VERSION);
    await writeFile(at("addon"), Buffer.alloc(ADDON, "addon"));
    await writeFile(at("main.cjs"), `console.log(${JSON.stringify("x".repeat(BUNDLE))}.length);\n`);
    const blob = {
      node,
      main: at("main.cjs"),
      assets: { addon: at("addon") },
      out: at("blob"),
      scratch: folder,
    };
    const times: Record<"strip" | "blob" | "inject" | "copy", number[]> = {
      strip: [],
      blob: [],
      inject: [],
      copy: [],
    };
    const time = async (what: keyof typeof times, work: () => Promise<unknown>) => {
      const start = performance.now();
      await work();
      times[what].push(performance.now() - start);
    };
    for (let round = 0; round < 3; round++) {
      await time("strip", () => stripBase({ base: node, out: at("base") }));
      await time("blob", () => makeBlob(blob));
    }
    const files = { base: at("base"), blob: at("blob"), out: at("app") };
    for (let round = 0; round < rounds; round++) {
      await rm(at("copy"), { force: true });
      await time("copy", () => copyFile(files.base, at("copy")));
      await rm(at("app"), { force: true });
      await time("inject", () => inject(files));
    }
    const rss = Number(execFileSync(process.execPath, [SELF, ...Object.values(files)], { encoding: "utf8" }));
    const { size, blocks } = await stat(at("app"));
    return {
      ratio_to_copy: round(median(times.inject) / median(times.copy)),
      inject_ms: round(median(times.inject)),
      copy_ms: round(median(times.copy)),
      strip_ms: round(median(times.strip)),
      blob_ms: round(median(times.blob)),
      max_rss_mb: round(rss / 1024),
      size_mb: round(size / 1e6),
      disk_mb: round((blocks * 512) / 1e6),
      node: VERSION,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const SELF = fileURLToPath(import.meta.url);

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** The figures as lines for people. */
export function linkText(figures: LinkFigures): string {
  const { ratio_to_copy, inject_ms, copy_ms, strip_ms, blob_ms, max_rss_mb, size_mb, disk_mb, node } =
    figures;
  return [
    `single executable, Node ${node}`,
    `  inject      ${inject_ms} ms, ${ratio_to_copy} × a plain copy of the base (${copy_ms} ms); target ≤ 3`,
    `  memory      ${max_rss_mb} MB at most; target ≤ 150`,
    `  strip       ${strip_ms} ms`,
    `  blob        ${blob_ms} ms`,
    `  size        ${size_mb} MB, ${disk_mb} MB on disk`,
  ].join("\n");
}

if (process.argv[1] === SELF) {
  const [base, blob, out] = process.argv.slice(2).filter((word) => !word.startsWith("-"));
  if (base !== undefined && blob !== undefined && out !== undefined) {
    await inject({ base, blob, out });
    console.log(process.resourceUsage().maxRSS);
  } else {
    const link = await benchLink();
    console.log(process.argv.includes("--json") ? JSON.stringify({ link }) : linkText(link));
  }
}

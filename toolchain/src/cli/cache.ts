import { Failure } from "../base/failure.ts";
import { terminal } from "../report/terminal.ts";
import { pruneCache, showCache } from "../run/index.ts";
import { cacheFolder } from "./build.ts";
import type { CliFailure } from "./failures.ts";

/** `bpf-app cache show`, `bpf-app cache prune --max-size 500M`. */
export async function cache(verb: "show" | "prune", maxSize: string): Promise<number> {
  const folder = cacheFolder();
  if (!folder) {
    terminal.out("The cache is off (BPF_APP_CACHE=off).\n");
    return 0;
  }
  if (verb === "prune") {
    const { results, freed } = await pruneCache(folder, { maxBytes: bytesOf(maxSize) });
    terminal.out(`${results} results removed, ${megabytes(freed)} freed.\n`);
  }
  const shown = await showCache(folder);
  for (const { id, bytes, used } of shown.results) {
    const when = used.toISOString().slice(0, 16).replace("T", " ");
    terminal.out(`${megabytes(bytes).padStart(10)}  ${id.padEnd(12)} used ${when}
`);
  }
  terminal.out(`${megabytes(shown.bytes).padStart(10)}  in ${folder}\n`);
  return 0;
}

function bytesOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([KMGT]?)$/i.exec(text);
  if (!match)
    throw new Failure<CliFailure>({
      kind: "usage",
      message: `--max-size takes a size such as 500M or 2G, not "${text}".`,
    });
  return Number(match[1]) * 1024 ** ["", "K", "M", "G", "T"].indexOf((match[2] as string).toUpperCase());
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

import type { CacheContents, Pruned } from "../run/cache/manage.ts";

/** What the user's cache contains, and what pruning has removed from it. Undefined if the cache is off. */
export type CacheReport = { readonly pruned?: Pruned; readonly contents: CacheContents } | undefined;

/** The text of `bpf-app cache`. */
export function cacheText(report: CacheReport): string {
  if (!report) return "The cache is off (BPF_APP_CACHE=off).\n";
  const { pruned, contents } = report;
  const removed = pruned
    ? `${pruned.results} ${pruned.results === 1 ? "result" : "results"} removed, ${megabytes(pruned.freed)} freed.\n`
    : "";
  const rows = contents.results.map(({ id, bytes, used }) => {
    const when = used.toISOString().slice(0, 16).replace("T", " ");
    return `${megabytes(bytes).padStart(10)}  ${id.padEnd(12)} used ${when}\n`;
  });
  return `${removed}${rows.join("")}${megabytes(contents.bytes).padStart(10)}  in ${contents.path}\n`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

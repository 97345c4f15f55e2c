import type { Fault } from "./failures.ts";

/**
 * Which libbpf a bpftool compiles against, by real builds of every pair. bpftool uses libbpf's internal headers, so
 * neither may be much older or newer than the other. A kernel's bpftool is counted as the stand-alone repository
 * counts it: 7.N was released together with libbpf 1.N.
 */
const LIBBPF_OF_BPFTOOL: readonly { readonly bpftool: string; readonly from: string; readonly to: string }[] =
  [
    { bpftool: "7.1", from: "1.1", to: "1.1" },
    { bpftool: "7.5", from: "1.5", to: "1.5" },
    { bpftool: "7.7", from: "1.7", to: "1.7" },
    { bpftool: "7.8", from: "1.7", to: "1.8" },
  ];

/** Why a version of a source cannot go with what was taken before; undefined if it can. */
export function mismatch(
  name: string,
  version: string,
  taken: ReadonlyMap<string, string>,
): Fault | undefined {
  const pair = pairOf(name, version, taken);
  if (!pair) return undefined;
  const row = LIBBPF_OF_BPFTOOL.find(({ bpftool }) => bpftool === minor(pair.bpftool));
  if (row && compare(minor(pair.libbpf), row.from) >= 0 && compare(minor(pair.libbpf), row.to) <= 0)
    return undefined;
  const other = name === "libbpf" ? "bpftool" : "libbpf";
  return {
    kind: "mismatch",
    name,
    version,
    other,
    otherVersion: taken.get(other) as string,
    needs: needs(name, row),
  };
}

function pairOf(name: string, version: string, taken: ReadonlyMap<string, string>) {
  const bpftool = name === "bpftool" ? version : taken.get("bpftool");
  const libbpf = name === "libbpf" ? version : taken.get("libbpf");
  return bpftool && libbpf && (name === "bpftool" || name === "libbpf") ? { bpftool, libbpf } : undefined;
}

function needs(name: string, row: (typeof LIBBPF_OF_BPFTOOL)[number] | undefined): string {
  if (name === "bpftool") return "a bpftool released about when it was";
  if (!row) return "a libbpf that nobody has tried with it";
  return row.from === row.to ? `libbpf ${row.from}` : `libbpf ${row.from} to ${row.to}`;
}

/** `v1.7.0` → `1.7` */
function minor(version: string): string {
  return /^v?(\d+\.\d+)/.exec(version)?.[1] ?? version;
}

function compare(a: string, b: string): number {
  const [x, y] = [a, b].map((text) => text.split(".").map(Number)) as [number[], number[]];
  return (x[0] ?? 0) - (y[0] ?? 0) || (x[1] ?? 0) - (y[1] ?? 0);
}

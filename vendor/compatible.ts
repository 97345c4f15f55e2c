import type { Fault } from "./failures.ts";

/**
 * Which libbpf a bpftool compiles against, by real builds; of 7.2 to 7.4 the ends of the range are inferred from their
 * neighbours. bpftool uses libbpf's internal headers, so neither may be much older or newer than the other. A kernel's bpftool is counted as the stand-alone repository
 * counts it: 7.N was released together with libbpf 1.N. Below libbpf 1.1 our own addon does not compile.
 */
const ROWS: readonly Row[] = [
  // libbpf 1.5 dropped btf_type_visit_type_ids, which these link with.
  { bpftool: ["7.0", "7.1"], libbpf: ["1.1", "1.4"] },
  // They call bpf_prog_get_info_by_fd, which came with libbpf 1.2.
  { bpftool: ["7.2", "7.4"], libbpf: ["1.2", "1.4"] },
  // They use btf_field_iter_init and the field `link` of bpf_map_skeleton, which came with libbpf 1.5.
  { bpftool: ["7.5", "7.6"], libbpf: ["1.5", undefined] },
  // They use libbpf's own SHA-256, which came with 1.7.
  { bpftool: ["7.7", undefined], libbpf: ["1.7", undefined] },
];

/** First and last version of a series; without a last one all that follow. */
type Range = readonly [string, string | undefined];

interface Row {
  readonly bpftool: Range;
  readonly libbpf: Range;
}

/** Why a version of a source cannot go with what was taken before; undefined if it can. */
export function mismatch(
  name: string,
  version: string,
  taken: ReadonlyMap<string, string>,
): Fault | undefined {
  const pair = pairOf(name, version, taken);
  if (!pair) return undefined;
  const row = ROWS.find(({ bpftool }) => lies(pair.bpftool, bpftool));
  if (row && lies(pair.libbpf, row.libbpf)) return undefined;
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

function needs(name: string, row: Row | undefined): string {
  if (name === "bpftool") return "a bpftool released about when it was";
  if (!row) return "a libbpf that nobody has tried with it";
  const [first, last] = row.libbpf;
  return last ? `libbpf ${first} to ${last}` : `libbpf ${first} or newer`;
}

function lies(version: string, [first, last]: Range): boolean {
  return compare(version, first) >= 0 && (last === undefined || compare(version, last) <= 0);
}

/** By major and minor version, which is what the table counts in: `v1.7.0` equals `1.7`. */
function compare(a: string, b: string): number {
  const [x, y] = [a, b].map((text) => /(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number) ?? [0, 0]);
  return (x![0] as number) - (y![0] as number) || (x![1] as number) - (y![1] as number);
}

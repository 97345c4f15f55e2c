import type { Fault } from "./failures.ts";

/**
 * Which versions of libbpf and bpftool can be built together. bpftool uses libbpf's internal headers, so neither may be
 * much older or newer than the other. The table comes from real builds, except that the ends of the range for 7.2 to
 * 7.4 are inferred from their neighbours. Versions of bpftool are those of the stand-alone repository, also for the one
 * in the kernel's tree: 7.N was released together with libbpf 1.N. Our own addon does not compile with a libbpf before
 * 1.1.
 */
const ROWS: readonly Row[] = [
  // These link with btf_type_visit_type_ids, which libbpf 1.5 has removed.
  { bpftool: ["7.0", "7.1"], libbpf: ["1.1", "1.4"] },
  // These call bpf_prog_get_info_by_fd, which exists since libbpf 1.2.
  { bpftool: ["7.2", "7.4"], libbpf: ["1.2", "1.4"] },
  // These use btf_field_iter_init and the field `link` of bpf_map_skeleton, which exist since libbpf 1.5.
  { bpftool: ["7.5", "7.6"], libbpf: ["1.5", undefined] },
  // These use libbpf's own SHA-256, which exists since libbpf 1.7.
  { bpftool: ["7.7", undefined], libbpf: ["1.7", undefined] },
];

/** The first and the last version of a series. If the last one is undefined, the series has no end. */
type Range = readonly [string, string | undefined];

interface Row {
  readonly bpftool: Range;
  readonly libbpf: Range;
}

/**
 * Why a version of a source cannot be built together with the sources that were taken before, or undefined if it can.
 *
 * @param taken the versions of the sources that were taken before, by their names
 */
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
    otherVersion: pair[other],
    needs: needs(name, row),
  };
}

function pairOf(name: string, version: string, taken: ReadonlyMap<string, string>) {
  const bpftool = name === "bpftool" ? version : taken.get("bpftool");
  const libbpf = name === "libbpf" ? version : taken.get("libbpf");
  return bpftool && libbpf && (name === "bpftool" || name === "libbpf") ? { bpftool, libbpf } : undefined;
}

function needs(name: string, row: Row | undefined): string {
  if (name === "bpftool") return "a bpftool that was released at about the same time";
  if (!row) return "a libbpf that is not known yet";
  const [first, last] = row.libbpf;
  return last ? `libbpf ${first} to ${last}` : `libbpf ${first} or newer`;
}

function lies(version: string, [first, last]: Range): boolean {
  return compare(version, first) >= 0 && (last === undefined || compare(version, last) <= 0);
}

/** Compares major and minor versions, because the table has no others: `v1.7.0` equals `1.7`. */
function compare(a: string, b: string): number {
  const parts = (text: string) => /(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number) ?? [];
  const [[majorA = 0, minorA = 0], [majorB = 0, minorB = 0]] = [parts(a), parts(b)];
  return majorA - majorB || minorA - minorB;
}

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { ATTACH_TYPES } from "../../toolchain/src/facts/attach-types.ts";
import { MAP_NUMBERS } from "../../toolchain/src/facts/map-types.ts";
import { PROG_TYPES } from "../../toolchain/src/facts/prog-types.ts";
import { parseSection } from "../../toolchain/src/facts/sections.ts";
import { buildPrograms } from "./runtime/make.ts";

/** For each of the kernel's enums, our table of it and the prefix that its names have there. */
const TABLES: Readonly<Record<string, readonly [Readonly<Record<string, number>>, string]>> = {
  bpf_map_type: [MAP_NUMBERS, "BPF_MAP_TYPE_"],
  bpf_prog_type: [PROG_TYPES, "BPF_PROG_TYPE_"],
  bpf_attach_type: [ATTACH_TYPES, "BPF_"],
};

let header: string;
before(async () => {
  header = readFileSync(join(await buildPrograms(), "vendor/libbpf/include/uapi/linux/bpf.h"), "utf8");
});

/**
 * The enum's names in their order. Left out are names that are given another one's value: those are older names of
 * it.
 */
function enumerators(name: string, prefix: string): string[] {
  const body = new RegExp(`enum ${name} \\{(.*?)\\n\\};`, "s").exec(header)?.[1] ?? "";
  return body
    .replaceAll(/\/\*.*?\*\//gs, "")
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one.startsWith(prefix) && !one.includes("="))
    .map((one) =>
      one
        .slice(prefix.length)
        .toLowerCase()
        .replace(/_deprecated$/, ""),
    );
}

for (const [name, [table, prefix]] of Object.entries(TABLES))
  test(`the table has every ${name} of libbpf's own header, with its number`, () => {
    const found = enumerators(name, prefix);
    assert.ok(found.length > 30, `${found.length} in the header`);
    assert.deepEqual(
      found.map((one, number) => [one, number]),
      found.map((one) => [one, table[one]]),
    );
  });

test("the table of sections has every one of libbpf's, with its type of program", async () => {
  const source = readFileSync(join(await buildPrograms(), "vendor/libbpf/src/libbpf.c"), "utf8");
  const table = /struct bpf_sec_def section_defs\[\] = \{(.*?)\n\};/s.exec(source)?.[1] ?? "";
  const defined = [...table.matchAll(/SEC_DEF\("([^"]+)",\s*(\w+)/g)];
  assert.ok(defined.length > 90, `${defined.length} sections in libbpf.c`);
  assert.deepEqual(
    defined.map(([, section = ""]) => [section, parseSection(section.replace(/\+$/, ""))?.type]),
    defined.map(([, section = "", type = ""]) => [section, type.toLowerCase()]),
  );
});

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { inject, stripBase } from "../../toolchain/src/sea/index.ts";
import { blobOf } from "../sea/images.ts";
import { workFolder } from "./sea/make.ts";

const folder = workFolder();
after(() => rmSync(folder, { recursive: true, force: true }));
const SOURCE = fileURLToPath(new URL("sea/base.c", import.meta.url));

const LINKS: readonly (readonly string[])[] = [
  ["-no-pie"],
  ["-pie"],
  ["-static", "-no-pie"],
  ["-static-pie"],
  ["-pie", "-Wl,-z,noseparate-code"],
  ["-no-pie", "-Wl,-z,noseparate-code"],
  ["-pie", "-Wl,-z,max-page-size=0x10000"],
  ["-pie", "-Wl,-z,now,-z,relro", "-g"],
];

for (const flags of LINKS) {
  for (const stripped of [true, false]) {
    test(`a base linked ${flags.join(" ")}${stripped ? ", stripped" : ""} runs and finds its blob`, async () => {
      const made = join(folder, "made");
      const base = join(folder, "base");
      const blob = join(folder, "blob");
      const out = join(folder, "out");
      const fpie = flags.some((flag) => flag.endsWith("pie") && flag !== "-no-pie") ? "-fPIE" : "-fno-pie";
      execFileSync("cc", ["-O1", "-Wall", "-Wextra", "-Werror", fpie, ...flags, SOURCE, "-o", made]);
      const run = (path: string) => execFileSync(path, { encoding: "utf8", maxBuffer: 16 << 20 });
      assert.equal(run(made), "fuse 0, headers agree, blob none\n");
      if (stripped) {
        await stripBase({ base: made, out: base });
        assert.equal(run(base), "fuse 0, headers agree, blob none\n");
      }
      for (const text of ["", "a program", "x".repeat(3 << 20)]) {
        writeFileSync(blob, blobOf(text));
        await inject({ base: stripped ? base : made, blob, out });
        assert.ok(run(out) === `fuse 1, headers agree, blob ${text}\n`, `a blob of ${text.length} bytes`);
      }
    });
  }
}

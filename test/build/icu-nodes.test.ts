// Nodes whose ICU has less data answer as they did before, for the locales that were kept.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { findIcuData, guardSource, icuLocales, type Keep, subsetIcu } from "../../toolchain/src/icu/index.ts";
import { ROOT } from "../root.ts";
import { nodePackage } from "./nodes.ts";

const run = promisify(execFile);
const ARCH = process.arch === "arm64" ? "arm64" : "x64";
const INTL = join(ROOT, "test/icu/intl.mjs");
/** How programs for arm64 are started on x86-64. Debian: qemu-user-static libstdc++6-arm64-cross */
const EMULATOR = ["qemu-aarch64-static", "-L", "/usr/aarch64-linux-gnu"];
const env = { ...process.env, LANG: "C.UTF-8", LC_ALL: "C.UTF-8" };

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "bpf-app-icu-"));
});
after(() => rm(folder, { recursive: true, force: true }));

/** A copy of a Node that has a part of the data at the data's place, and zeros behind it; and the locales it has. */
async function smaller(
  node: string,
  keep: Keep,
): Promise<{ node: string; all: readonly string[]; kept: readonly string[] }> {
  const file = await readFile(node);
  const found = findIcuData(file);
  assert.ok(found, `${node} has no package of ICU's data`);
  const data = file.subarray(found.offset, found.offset + found.size);
  const { data: part, locales } = subsetIcu(data, keep);
  const all = icuLocales(data);
  data.fill(0);
  data.set(part);
  const path = join(folder, "node");
  await writeFile(path, file);
  await chmod(path, 0o755);
  return { node: path, all, kept: locales };
}

/** What a Node answers to thousands of questions, a line for each kind. */
async function answers(
  node: string,
  asked: { locales: string; dictionaries?: string; stride: number; phase: number; by?: readonly string[] },
): Promise<string> {
  const [command = "", ...args] = [
    ...(asked.by ?? []),
    node,
    INTL,
    asked.locales,
    "",
    asked.dictionaries ?? "",
  ];
  const counts = { STRIDE: String(asked.stride), PHASE: String(asked.phase) };
  const { stdout } = await run(command, args, { env: { ...env, ...counts }, maxBuffer: 1 << 24 });
  assert.ok(stdout.split("\n").length > 20, stdout);
  return stdout;
}

describe("a Node with less of ICU's data", () => {
  // Which ones are asked changes from day to day; of a failure, the difference names the kind.
  const phase = Math.floor(Date.now() / 86_400_000);
  const cases = [
    { version: "24.21.0", arch: ARCH, keep: [], locales: "en,en-GB", stride: 5 },
    { version: "24.21.0", arch: ARCH, keep: ["de", "fr"], locales: "de,fr-CA", stride: 6 },
    {
      version: "24.21.0",
      arch: ARCH,
      keep: ["zh", "ja", "th"],
      locales: "zh-TW,th",
      dictionaries: "th,zh",
      stride: 6,
    },
    {
      version: "24.21.0",
      arch: ARCH,
      keep: ["yue", "pa-Arab", "es-MX"],
      locales: "yue,pa-Arab,es-MX",
      stride: 10,
    },
    { version: "22.23.3", arch: ARCH, keep: ["ar"], locales: "en,ar-EG", stride: 10 },
    { version: "26.10.0", arch: ARCH, keep: ["nb"], locales: "en,nb", stride: 10 },
    { version: "24.21.0", arch: "arm64", keep: [], locales: "en", stride: 150 },
  ] as const;
  for (const { version, arch, keep, locales, stride, ...more } of cases)
    it(`${version} for ${arch} answers as before for ${locales}`, async () => {
      const { node } = await nodePackage(arch, version);
      const made = await smaller(node, { locales: keep, converters: false });
      const asked = { locales, stride, phase, ...more, ...(arch === ARCH ? {} : { by: EMULATOR }) };
      assert.equal(await answers(made.node, asked), await answers(node, asked));
    });

  it("says which locales it has, and refuses the others", async () => {
    const { node } = await nodePackage(ARCH, "24.21.0");
    const made = await smaller(node, { locales: ["de"], converters: false });
    const guard = guardSource({ ...made, asked: ["de"], temporal: false });
    const script = `${guard}
      const answer = (ask) => { try { return ask(); } catch (error) { return error.name; } };
      console.log(JSON.stringify([
        Intl.NumberFormat.supportedLocalesOf(["de-AT", "en", "fr", "zh-Hant"]),
        Intl.Collator.supportedLocalesOf(["de", "fr"]),
        answer(() => (1.5).toLocaleString("de")),
        answer(() => (1.5).toLocaleString("fr")),
        answer(() => new TextDecoder("shift_jis")),
        answer(() => new TextDecoder("latin1").decode(new Uint8Array([0xe4, 0x80]))),
        (1234.5).toLocaleString(),
      ]));`;
    const { LC_ALL, ...here } = env;
    const { stdout, stderr } = await run(made.node, ["-e", script], {
      env: { ...here, LANG: "fr_FR.UTF-8" },
    });
    assert.deepEqual(JSON.parse(stdout), [
      ["de-AT", "en"],
      ["de"],
      "1,5",
      "RangeError",
      "RangeError",
      "ä€",
      "1,234.5",
    ]);
    assert.match(
      stderr,
      /^The locale of this machine is fr-FR, and English is used instead\. .*LOCALES=de,fr/,
    );
  });
});

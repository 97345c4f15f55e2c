import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { readPins } from "../../create/src/vendor/pins.ts";
import { folderWith } from "../app.ts";

const own = fileURLToPath(new URL("../../vendor/pins.json", import.meta.url));

test("the project's pins are valid and name what the build needs", async () => {
  const pins = await readPins(own);
  assert.deepEqual(
    pins.sources.map((pin) => pin.name),
    ["libbpf", "bpftool", "libelf", "zlib"],
  );
});

test("pins that are not valid say where", async () => {
  const { sources, distro } = await readPins(own);
  const pin = sources[0]!;
  const cases: [unknown, RegExp][] = [
    ["[", /JSON/],
    [{ distro }, /sources is not a list/],
    [{ sources: [{ ...pin, commit: "f5dcbae" }], distro }, /sources\[0\]\.commit/],
    [{ sources: [{ ...pin, name: "../libbpf" }], distro }, /sources\[0\]\.name/],
    [{ sources: [{ ...pin, tag: "--upload-pack=x" }], distro }, /begins with "-"/],
    [{ sources: [{ ...pin, licence: undefined }], distro }, /sources\[0\]\.licence/],
    [{ sources: [{ ...pin, distro: { keep: [] } }], distro }, /sources\[0\]\.distro names neither/],
    [{ sources: [{ ...pin, distro: { source: "x", keep: "src" } }], distro }, /keep is not a list/],
    [{ sources, distro: { ...distro, suite: 13 } }, /distro\.suite/],
  ];
  for (const [value, problem] of cases) {
    const path = join(
      folderWith({ "pins.json": typeof value === "string" ? value : JSON.stringify(value) }),
      "pins.json",
    );
    await assert.rejects(readPins(path), (error: { failure: { kind: string; problem: string } }) => {
      assert.equal(error.failure.kind, "pins-invalid");
      assert.match(error.failure.problem, problem);
      return true;
    });
  }
});

test("an absent list of pins is an error too", async () => {
  await assert.rejects(
    readPins("/nonexistent/pins.json"),
    (error: { failure: { kind: string } }) => error.failure.kind === "pins-invalid",
  );
});

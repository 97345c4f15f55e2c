import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { readPins } from "../../vendor/pins.ts";
import { folderWith } from "../app.ts";

const PINS = fileURLToPath(new URL("../../vendor/pins.json", import.meta.url));

test("the project's pins are valid and name what the build needs", async () => {
  const pins = await readPins(PINS);
  assert.deepEqual(
    pins.sources.map((pin) => pin.name),
    ["libbpf", "bpftool", "libelf", "zlib"],
  );
});

test("pins that are not valid say where", async () => {
  const { sources, distro } = await readPins(PINS);
  const pin = sources[0]!;
  const cases: [unknown, RegExp][] = [
    ["[", /JSON/],
    [{ distro }, /^sources: /],
    [{ sources: [{ ...pin, commit: "f5dcbae" }], distro }, /^sources\.0\.commit: is not a full commit id/],
    [{ sources: [{ ...pin, name: "../libbpf" }], distro }, /^sources\.0\.name: /],
    [{ sources: [{ ...pin, tag: "--upload-pack=x" }], distro }, /^sources\.0\.tag: begins with "-"/],
    [{ sources: [{ ...pin, licence: undefined }], distro }, /^sources\.0\.licence: /],
    [
      { sources: [{ ...pin, distro: { ...pin.distro, index: [{}] } }], distro },
      /^sources\.0\.distro\.index\.0/,
    ],
    [{ sources: [{ ...pin, keep: "src" }], distro }, /^sources\.0\.keep: /],
    [{ sources: [{ ...pin, keep: ["/etc"] }], distro }, /^sources\.0\.keep\.0: /],
    [
      {
        sources: [
          { ...pin, distro: { ...pin.distro, pool: [{ ...pin.distro.pool[0], path: "../x.orig.tar.gz" }] } },
        ],
        distro,
      },
      /\.pool\.0\.path: /,
    ],
    [{ sources: [{ ...pin, misspelt: 1 }], distro }, /misspelt/],
    [{ sources, distro: { ...distro, suites: 13 } }, /^distro\.suites: /],
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

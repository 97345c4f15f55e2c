import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const SOURCES = fileURLToPath(new URL("../../toolchain/src", import.meta.url));

/** An error of the runtime's own is linked; one of the platform's is code. Then follows when it is thrown. */
const THROWN =
  /^(?:\{@link (?:BpfError|StateError|VerifierError|PinError|AddonError)\}|`\w*Error`(?: or `\w*Error`)?),? \w/;

for (const room of ["runtime", "testing"])
  test(`every @throws in ${room}/ names a class first`, () => {
    const files = readdirSync(join(SOURCES, room), { recursive: true, encoding: "utf8" });
    const tags = files
      .filter((file) => file.endsWith(".ts"))
      .flatMap((file) => {
        const text = readFileSync(join(SOURCES, room, file), "utf8");
        return [...text.matchAll(/@throws (.*)/g)].map(([, said]) => ({ file, said: said as string }));
      });
    assert.ok(tags.length > 1, "there are some to look at");
    const others = tags.filter(({ said }) => !THROWN.test(said));
    assert.deepEqual(others, []);
  });

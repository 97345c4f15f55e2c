import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { folderWith } from "../app.ts";
import { SERVER_FAULTS } from "../forge/server.ts";
import { fetchInto } from "../vendor/fetching.ts";
import { BESIDE, everything, type Faulty, makeWorld, PATIENCE, scaffold } from "./world.ts";

const world = await makeWorld();

/** Every file that a scaffold without a forge asks the mirror for. */
const files = await (async () => {
  await using open = await world.open(everything("404"));
  const asked = { pins: open.pins, mirrors: [open.mirror.url] };
  await fetchInto({ ...asked, app: folderWith({}), cache: folderWith({}) });
  // Without the pool the index is asked for everything.
  await fetchInto({ ...asked, app: folderWith({}), cache: folderWith({}), origins: ["index"] });
  return [...new Set(open.mirror.asked)].sort();
})();

describe("there is no forge, and one file of the mirror is broken", BESIDE, () => {
  it("is tried with the files of the pool and of the index", () => {
    for (const pattern of [/InRelease$/, /Sources/, /Packages/, /\.orig\.tar\.gz$/, /\.deb$/, /\.dsc$/])
      assert.ok(
        files.some((file) => pattern.test(file)),
        `${pattern} in ${files}`,
      );
  });

  for (const file of files) {
    for (const fault of ["404", "wrong bytes"] as const) {
      it(`${fault}: ${file}`, PATIENCE, async () => {
        const mirror: Faulty = (path) => (path === file ? fault : undefined);
        await scaffold(world, { forge: everything("404"), mirror });
      });
    }
  }
  for (const fault of SERVER_FAULTS) {
    for (const file of files.filter((name) =>
      /zlib.*\.orig|trixie\/InRelease|linux-source-a.*\.deb/.test(name),
    )) {
      it(`${fault}: ${file}, with another mirror to ask`, PATIENCE, async () => {
        await using other = await world.open();
        await using open = await world.open(everything("404"), (path) => (path === file ? fault : undefined));
        const mirrors = [open.mirror.url, other.mirror.url];
        await fetchInto({ pins: open.pins, app: folderWith({}), cache: folderWith({}), mirrors });
      });
    }
  }
});

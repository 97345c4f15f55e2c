import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { nearest } from "../../toolchain/src/base/nearest.ts";
import { installOf, installOfProgram, installText, NEEDS } from "../../toolchain/src/base/packages.ts";
import { folderWith } from "../app.ts";

/** A PATH of one folder that holds these programs. */
function pathWith(...programs: readonly string[]): string {
  const folder = folderWith({});
  for (const program of programs) {
    writeFileSync(join(folder, program), "#!/bin/sh\n");
    chmodSync(join(folder, program), 0o755);
  }
  return folder;
}

describe("what to install", () => {
  for (const [program, line] of [
    ["apt-get", "sudo apt-get install -y g++ git"],
    ["dnf", "sudo dnf install -y gcc-c++ git"],
    ["pacman", "sudo pacman -S --needed gcc git"],
    ["zypper", "sudo zypper install gcc-c++ git"],
    ["apk", "sudo apk add g++ git"],
  ] as const)
    it(`is said as ${program} wants it where that is there`, () => {
      const needs = NEEDS.filter((need) => ["c++", "git"].includes(need.command));
      assert.equal(installText(installOf(needs, pathWith(program)), "them"), `Install it: ${line}`);
    });

  it("is said in words where no package manager is known", () => {
    const none = installOfProgram("xz", pathWith());
    assert.equal(none, undefined);
    assert.equal(installText(none, "xz"), "Install xz with this system's package manager.");
  });

  it("has the name of the package, not of the program", () => {
    assert.deepEqual(installOfProgram("xz", pathWith("apt-get"))?.packages, ["xz-utils"]);
    assert.deepEqual(installOfProgram("xz", pathWith("dnf"))?.packages, ["xz"]);
    assert.deepEqual(installOfProgram("unheard-of", pathWith("dnf"))?.packages, ["unheard-of"]);
  });
});

describe("the nearest known word", () => {
  const known = ["minimal", "minimal_ns", "bootstrap", "tc"];
  for (const [typed, word] of [
    ["minmal", "minimal"],
    ["Minimal", "minimal"],
    ["boot", "bootstrap"],
    ["bostrap", "bootstrap"],
    ["ct", undefined],
    ["zzzzzz", undefined],
    ["", undefined],
  ] as const)
    it(`to ${typed || "nothing"} is ${word ?? "none"}`, () => assert.equal(nearest(typed, known), word));
});

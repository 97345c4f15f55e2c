import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Failure } from "../../toolchain/src/base/failure.ts";
import { requireArchiveNeeds, requireGuestNeeds } from "../../toolchain/src/guest/needs.ts";
import { guestWords } from "../../toolchain/src/guest/words.ts";
import { folderWith } from "../app.ts";

/** A machine with these programs and no others. */
function machine(...programs: readonly string[]): string {
  const folder = folderWith(Object.fromEntries(programs.map((name) => [name, "#!/bin/sh\n"])));
  for (const name of programs) chmodSync(join(folder, name), 0o755);
  return folder;
}

function missing(check: () => void): { readonly names: string[]; readonly text: string } {
  try {
    check();
  } catch (error) {
    const { failure } = error as Failure<"guest">;
    assert.equal(failure.kind, "needs-missing");
    const { what, why = "", next } = guestWords(failure);
    return { names: failure.needs.map(({ name }) => name), text: [what, why, next].join("\n") };
  }
  return { names: [], text: "" };
}

test("a machine that has fetched its kernels needs QEMU and a C compiler", () => {
  assert.deepEqual(missing(() => requireGuestNeeds(false, machine("qemu-system-x86_64", "cc"))).names, []);
  assert.deepEqual(missing(() => requireGuestNeeds(false, machine("cc"))).names, ["qemu-system-x86_64"]);
  assert.deepEqual(missing(() => requireGuestNeeds(false, machine("qemu-system-x86_64"))).names, ["cc"]);
});

test("to fetch them it needs what reads Debian's archive, and all that is missing is said at once", () => {
  const { names, text } = missing(() => requireGuestNeeds(true, machine("dnf", "cc", "xz"), "ID=fedora\n"));
  assert.deepEqual(names.slice(0, 3), ["qemu-system-x86_64", "apt-get", "dpkg-deb"]);
  assert.match(text, /sudo dnf install -y qemu-system-x86-core apt dpkg/);
  assert.ok(!missing(() => requireArchiveNeeds(machine("apt-get", "dpkg-deb", "xz"))).names.includes("xz"));
});

test("a machine without a package manager that is known is told the names", () => {
  const { text } = missing(() => requireGuestNeeds(false, machine("cc"), "ID=mine\n"));
  assert.match(text, /needs qemu-system-x86_64, which this machine does not have/);
  assert.match(text, /with this system's package manager/);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { install } from "../../toolchain/src/base/install.ts";
import { complaint } from "./complaint.ts";
import { missingOf, NEEDED, NEEDED_BY_FULL, namesOf } from "./packages.ts";

/** A machine whose archive lacks some files, for good or until its lists are read anew. */
function machine(wanted: readonly string[], gone: readonly string[], stale = false) {
  const there = new Set<string>();
  const commands: string[] = [];
  let lists = !stale;
  return {
    commands,
    missing: () => wanted.filter((name) => !there.has(name)),
    run(command: readonly string[]): boolean {
      commands.push(command.join(" "));
      if (command[1] === "update") lists = true;
      const names = wanted.filter((name) => command.includes(name));
      if (!lists || names.some((name) => gone.includes(name))) return false;
      for (const name of names) there.add(name);
      return true;
    },
  };
}

test("nothing is run when all is there", () => {
  const one = machine([], []);
  assert.deepEqual(install(one), []);
  assert.deepEqual(one.commands, []);
});

test("lists that are out of date are read anew", () => {
  const one = machine(["a", "b"], [], true);
  assert.deepEqual(install(one), []);
  assert.equal(one.commands.filter((command) => command === "apt-get update").length, 1);
  assert.equal(one.commands.length, 3);
});

test("a package whose file is gone costs no other", () => {
  const one = machine(["a", "b", "c"], ["b"]);
  assert.deepEqual(install(one), ["b"]);
  assert.match(one.commands.at(-1) ?? "", /--no-install-recommends c --fix-missing$/);
});

test("a compiler whose file is gone is taken in another version", () => {
  const one = machine(["clang", "make"], ["clang"]);
  const missing = () => (one.commands.some((line) => line.includes("clang-16 ")) ? [] : one.missing());
  assert.deepEqual(install({ run: one.run, missing }), []);
  assert.deepEqual(
    one.commands.slice(-2).map((line) => line.split(" ").at(-2)),
    ["clang-17", "clang-16"],
  );
});

test("what could not be had is named, with the tests that need it and what to do", () => {
  const said = complaint(["qemu-system-x86", "gcc"], NEEDED);
  assert.match(said, /qemu-system-x86 could not be had .* fail without it: kernels\n/);
  assert.match(said, /gcc could not be had .* all that build an app\n/);
  assert.match(said, /sudo apt-get install -y --no-install-recommends qemu-system-x86 gcc$/);
});

test("a package is missing unless dpkg says that it is installed", () => {
  assert.deepEqual(missingOf(["a", "b", "c"], "a installed\nb config-files\n"), ["b", "c"]);
  assert.deepEqual(
    namesOf([...NEEDED_BY_FULL, ...NEEDED_BY_FULL]),
    NEEDED_BY_FULL.map(({ apt }) => apt),
  );
});

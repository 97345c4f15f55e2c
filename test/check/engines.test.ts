import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { minVersion, satisfies } from "semver";
import { ROOT } from "../root.ts";

interface Manifest {
  readonly engines?: { readonly node?: string };
}

function manifest(file: string): Manifest {
  return JSON.parse(readFileSync(join(ROOT, file), "utf8")) as Manifest;
}

describe("the packages of the lock file", () => {
  // npm only warns of a package that wants a newer Node, and the warning is then the first thing that a newcomer reads.
  it("all run on the oldest Node that the project promises", () => {
    const oldest = minVersion(manifest("package.json").engines?.node ?? "")?.version ?? "";
    assert.notEqual(oldest, "");
    const lock = manifest("package-lock.json") as { packages?: Record<string, Manifest> };
    const locked = Object.entries(lock.packages ?? {});
    assert.ok(locked.length > 100, `${locked.length} packages are locked`);
    const newer = locked.filter(([, { engines }]) => engines?.node && !satisfies(oldest, engines.node));
    assert.deepEqual(
      newer.map(([folder, { engines }]) => `${folder} wants ${engines?.node}`),
      [],
    );
  });
});

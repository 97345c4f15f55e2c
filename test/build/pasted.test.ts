// What a build with V=1 prints is all that it does.
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { App, hash, run } from "./app.ts";

test("an app builds the same when the printed commands are pasted into a shell", () => {
  const app = App.make("minimal");
  const built = app.build();
  assert.equal(built.status, 0, built.stderr);
  const executable = hash(app.path("dist/minimal"));
  rmSync(app.path(".output"), { recursive: true });
  rmSync(app.path("dist"), { recursive: true });
  const printed = app.build(["V=1"], { BPF_APP_CACHE: "off" });
  assert.equal(printed.status, 0, printed.stderr);
  rmSync(app.path(".output"), { recursive: true });
  rmSync(app.path("dist"), { recursive: true });
  const script = printed.stdout
    .split("\n")
    .filter((line) => /^(mkdir|[A-Z]+=|\/|\.output\/|node_modules\/)/.test(line));
  writeFileSync(app.path("commands.sh"), script.join("\n"));
  const pasted = run(app.dir, ["sh", "-e", "commands.sh"]);
  assert.equal(pasted.status, 0, pasted.stderr);
  assert.equal(hash(app.path("dist/minimal")), executable);
});

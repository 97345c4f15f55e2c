import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { appWithSources, bpfApp, programs } from "./run.ts";

test("no executable is made of what does not type-check, unless --no-check asks for it", () => {
  const app = appWithSources();
  const env = { PATH: `${programs()}:/usr/bin:/bin` };
  const build = (...args: string[]) => bpfApp(app, ["build", ...args], env);
  writeFileSync(join(app, "types.ts"), "export const checked: boolean = 1;\n");
  for (const args of [[], ["-j", "1"]]) {
    const { status, stdout, stderr } = build(...args);
    assert.equal(status, 1);
    assert.match(
      stdout,
      /^types\.ts:1:14: error TS2322: Type 'number' is not assignable to type 'boolean'\.$/m,
    );
    assert.match(stderr, /^bpf-app: The app does not type-check\.\n {2}.*--no-check\n$/);
    assert.ok(!existsSync(join(app, "dist/minimal")));
  }
  const without = build("--no-check");
  assert.equal(without.status, 0, without.stderr);
  assert.equal(without.stderr, "");
  assert.ok(existsSync(join(app, "dist/minimal")));
  assert.equal(build().status, 1, "the next build checks again");
  writeFileSync(join(app, "types.ts"), "export const checked = true;\n");
  const mended = build();
  assert.equal(mended.status, 0, mended.stderr);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { runApp } from "../../toolchain/src/testing/index.ts";

test("an app that is not there is told of by whatever its test waits for first", async () => {
  const notBuilt = /dist\/no-such-app ENOENT: build the app first/;
  await using first = runApp("no-such-app");
  await assert.rejects(first.exit(), notBuilt);
  await using second = runApp("no-such-app");
  await assert.rejects(second.stop(), notBuilt);
  await using third = runApp("no-such-app");
  await assert.rejects(third.saw(/anything/), notBuilt);
});

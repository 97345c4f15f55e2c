import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Link } from "../../toolchain/src/runtime/link.ts";
import { Session } from "../../toolchain/src/runtime/session.ts";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

/** A handle that detaches when it is lost, as the addon's handles do, and a way to see whether it is lost. */
function attach(session: Session): WeakRef<object> {
  const handle = {};
  new Link(session, handle as never, "probe");
  return new WeakRef(handle);
}

function destroyLinks(session: Session): void {
  for (const link of session.links) link.destroy();
}

async function collect(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await setImmediate();
    gc();
  }
}

test("a link that the app does not keep stays attached as long as its skeleton", async () => {
  let destroyed = 0;
  const native = { linkDestroy: () => ++destroyed };
  const session = new Session({
    native: native as never,
    log: {} as never,
    name: "app",
    makeMap: () => ({}),
    object: {} as never,
  });
  const handle = attach(session);
  await collect();
  assert.ok(handle.deref(), "the link was collected");
  assert.equal(session.links.size, 1);

  destroyLinks(session);
  assert.equal(destroyed, 1);
  assert.equal(session.links.size, 0);
  await collect();
  assert.equal(handle.deref(), undefined, "a destroyed link is kept");
});

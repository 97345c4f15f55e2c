import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { folderWith } from "../app.ts";
import { leftovers, present } from "./compare.ts";
import { isMarked, within } from "./mark.ts";
import { devices, pins } from "./system.ts";
import { Watch } from "./watch.ts";

const thing = (id: string) => ({ id, title: `the ${id}` });
const mark = { value: "/unit.1.2", folder: "/tmp/bpf-app-unit-x" };

test("what was there before is no leftover, and what is gone is none either", () => {
  assert.deepEqual(leftovers([thing("a"), thing("b")], [thing("b"), thing("c")]), [thing("c")]);
  assert.deepEqual(present([thing("a"), thing("b")], [thing("b"), thing("c")]), [thing("b")]);
});

test("a process is known by the variable, that of a run inside the run too, or by its temporary folder", () => {
  const entry = (name: string, value: string) => `A=1\0${name}=${value}\0B=2\0`;
  assert.ok(isMarked(mark, entry("BPF_APP_TEST_RUN", "/unit.1.2")));
  assert.ok(isMarked(mark, entry("BPF_APP_TEST_RUN", "/unit.1.2/build.3.4")));
  assert.ok(!isMarked(mark, entry("BPF_APP_TEST_RUN", "/unit.1.23")));
  assert.ok(isMarked(mark, entry("TMPDIR", "/tmp/bpf-app-unit-x/y")));
  assert.ok(!isMarked(mark, entry("TMPDIR", "/tmp/bpf-app-unit-xy")));
  assert.ok(!isMarked(mark, ""));
});

test("a folder holds itself and what is below it, gone or not", () => {
  for (const path of ["/a/b", "/a/b/c", "/a/b (deleted)", "/a/b/c (deleted)"])
    assert.ok(within("/a/b", path), path);
  for (const path of ["/a", "/a/bc", "/x/a/b", ""]) assert.ok(!within("/a/b", path), path);
});

test("a stage that leaves nothing has no leftovers, and its folder is removed", async () => {
  const watch = new Watch("clean");
  const env = { ...process.env, ...watch.environment };
  assert.equal(spawnSync("sh", ["-c", 'touch "$TMPDIR/x"; rm "$TMPDIR/x"'], { env }).status, 0);
  assert.deepEqual(await watch.end(), []);
  assert.notEqual(spawnSync("test", ["-e", watch.environment.TMPDIR as string]).status, 0);
});

test("a process of its own session and a file are named, and then are there no more", async () => {
  const watch = new Watch("left", { own: 200, others: 200 });
  const folder = watch.environment.TMPDIR as string;
  writeFileSync(join(folder, "stray"), "");
  const child = spawn("sleep", ["1234.5"], {
    env: { ...process.env, ...watch.environment },
    detached: true,
    stdio: "ignore",
  });
  const ended = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
  const left = await watch.end();
  assert.deepEqual(left, [
    `process ${child.pid}: sleep 1234.5`,
    `temporary file or folder ${join(folder, "stray")}`,
  ]);
  assert.equal(await ended, "SIGKILL");
  assert.notEqual(spawnSync("test", ["-e", folder]).status, 0);
});

test("a process with no variable left is known by where it works, though its folder is gone", async () => {
  const watch = new Watch("cwd", { own: 200, others: 200 });
  const folder = join(watch.environment.TMPDIR as string, "app");
  mkdirSync(folder);
  const script = "rmdir ../app; sleep 1234.5";
  const child = spawn("/bin/sh", ["-c", script], { cwd: folder, env: {}, detached: true, stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const left = await watch.end();
  assert.ok(left.includes(`process ${child.pid}: /bin/sh -c ${script}`), left.join("\n"));
  await ended;
});

test("network devices count, but for bridges and pairs of which the other end is elsewhere", () => {
  const device = (name: string, index: number, peer = index) => ({
    [`${name}/ifindex`]: `${index}\n`,
    [`${name}/iflink`]: `${peer}\n`,
  });
  const folder = folderWith({
    ...device("lo", 1),
    ...device("dummy0", 2),
    ...device("one", 3, 4),
    ...device("two", 4, 3),
    ...device("vethc0ffee", 5, 99),
    ...device("br-1", 6),
    "br-1/bridge/bridge_id": "",
    // A file of the driver's, no device.
    bonding_masters: "",
  });
  assert.deepEqual(
    devices(folder).map(({ title }) => title),
    ["lo", "dummy0", "one", "two"].map((name) => `network device ${name}`).sort(),
  );
});

test("pinned objects count, in folders too, but for systemd's", () => {
  const folder = folderWith({ "systemd/x": "", "mine/map": "" });
  assert.deepEqual(
    pins(folder).map(({ id }) => id),
    ["pin mine", "pin mine/map"],
  );
  assert.deepEqual(pins(join(folder, "none")), []);
});

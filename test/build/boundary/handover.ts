// What `bpf-app dev` and its apps use of the addon, rightly and wrongly: sockets that carry descriptors, and links that
// another process has made.
import assert from "node:assert/strict";
import { closeSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Program } from "../../../toolchain/src/runtime/index.ts";
import { Link } from "../../../toolchain/src/runtime/link.ts";
import type { Native } from "../../../toolchain/src/runtime/native.ts";
import { job, openDescriptors, say, settle } from "./job.ts";
import { tally } from "./scene.ts";
import { classOf } from "./states.ts";

const NAMES = [
  ...["handoverListen", "handoverAccept", "handoverConnect", "handoverSend", "handoverReceive"],
  ...["linkIds", "progId", "linkTakeOver", "linkPutBack"],
] as const;

/** Arguments of every type, most of them of a wrong one. None is the number of a descriptor that is open. */
const ODD: readonly unknown[] = [
  -1,
  999_999,
  2 ** 31,
  2 ** 53,
  Number.NaN,
  1n,
  "",
  "/no/such/folder/x",
  null,
  undefined,
  {},
  [],
  [-1],
  ["x"],
];

/** The largest number of descriptors that the kernel takes in one message. */
const MOST = 253;

/** Calls each function with odd arguments. */
function callOddly(native: Native): void {
  for (const name of NAMES) {
    const call = (native as unknown as Record<string, (...args: unknown[]) => unknown>)[name]!;
    for (const first of ODD)
      for (const second of ODD) {
        say(`handover ${name}`);
        tally.calls++;
        const result = call(first, second, second, 0);
        // A path that is no path gives no socket, and a number that is no descriptor gives nothing.
        if (typeof result === "number") assert.ok(result < 0, `${name} returned ${result}`);
      }
  }
}

/** Sends messages back and forth, as large and with as many descriptors as there may be. */
function exchange(native: Native): void {
  const path = join(job.folder, "handover");
  const listener = native.handoverListen(path);
  const here = native.handoverConnect(path);
  const there = native.handoverAccept(listener);
  assert.ok(listener >= 0 && here >= 0 && there >= 0);
  assert.ok(native.handoverAccept(listener) < 0, "nobody else has called");
  assert.ok(native.handoverListen(path) < 0, "there is a socket already");
  assert.ok(native.handoverConnect(`${path}${"x".repeat(200)}`) < 0, "the path is too long");
  assert.equal(native.handoverReceive(there, 1), -11);
  const file = openSync("/dev/null", "r");
  for (const count of [0, 1, 2, MOST]) {
    say(`handover of ${count}`);
    assert.equal(native.handoverSend(here, `${count}`, new Array(count).fill(file), 100), 0);
    const received = native.handoverReceive(there, 100);
    assert.ok(received !== null && typeof received === "object");
    assert.equal(received.text, `${count}`);
    assert.equal(received.descriptors.length, count);
    for (const fd of received.descriptors) closeSync(fd);
  }
  assert.ok(native.handoverSend(here, "x", new Array(MOST + 1).fill(file), 100) < 0);
  assert.ok(native.handoverSend(here, "x", [-1], 100) < 0);
  assert.ok(native.handoverSend(here, "x".repeat(64 << 20), [], 100) < 0, "a message of 64 MiB");
  const long = "ä".repeat(40_000);
  assert.equal(native.handoverSend(here, long, [], 100), 0);
  assert.deepEqual(native.handoverReceive(there, 100), { text: long, descriptors: [] });
  // Nobody reads, until there is no room.
  let error = 0;
  for (let i = 0; error === 0 && i < 10_000; i++) error = native.handoverSend(here, long, [file], 0);
  assert.equal(error, -11);
  closeSync(here);
  closeSync(file);
  for (let more = true; more; ) {
    const received = native.handoverReceive(there, 0);
    more = received !== null && typeof received === "object";
    if (received !== null && typeof received === "object")
      for (const fd of received.descriptors) closeSync(fd);
    else assert.equal(received, null, "the other side has closed");
  }
  assert.ok(native.handoverSend(there, "x", [], 0) < 0);
  for (const fd of [there, listener]) closeSync(fd);
  rmSync(path);
}

/** Everything that can be done with a link that was handed over, in an order that fits, and once it is destroyed. */
async function takeOver(): Promise<void> {
  const attach = await classOf("attach");
  const open = () => {
    const skel = attach.open();
    for (const prog of Object.values(skel.progs) as Program[])
      if (!["on_xdp", "calls_replaceable"].includes(prog.name)) prog.setAutoload(false);
    skel.load();
    return skel;
  };
  using old = open();
  using next = open();
  const [before, after] = [old, next].map(({ progs }) => (progs as Record<string, Program>).on_xdp!) as [
    Program,
    Program,
  ];
  const { session } = after;
  const { native } = session;
  const first = before.attachXdp("lo") as Link;
  const ids = native.linkIds(first.fd);
  assert.ok(typeof ids !== "number");
  assert.equal(native.progId(before.fd), ids.progId);
  assert.ok(
    typeof native.linkTakeOver(ids.id, native.progId(after.fd), session.object, after.index) === "number",
  );
  assert.ok(typeof native.linkTakeOver(2 ** 31 - 1, ids.progId, session.object, after.index) === "number");
  assert.ok(typeof native.linkTakeOver(ids.id, ids.progId, session.object, 999) === "number");
  const taken = native.linkTakeOver(ids.id, ids.progId, session.object, after.index);
  assert.ok(typeof taken !== "number");
  const link = new Link(session, taken.link, "on_xdp");
  assert.ok(link.fd >= 0);
  // The old one lets go, and the program stays.
  first.destroy();
  assert.equal((native.linkIds(link.fd) as { progId: number }).progId, native.progId(after.fd));
  assert.equal(native.linkPutBack(link.fd, taken.before), 0);
  link.update(after);
  native.closeFd(taken.before);
  const pin = join(job.pins, "taken");
  link.pin(pin);
  assert.throws(() => link.unpin());
  assert.throws(() => link.read());
  using pinned = Link.openPinned(pin);
  pinned.unpin();
  link.detach();
  link.destroy();
  link.destroy();
  assert.equal(link.fd, -1);
  assert.throws(() => link.update(after));
  // One that is let go keeps the program attached; nobody has its descriptor any more, so that it is closed here.
  const second = before.attachXdp("lo") as Link;
  const again = native.linkIds(second.fd) as { id: number; progId: number };
  const left = native.linkTakeOver(again.id, again.progId, session.object, after.index);
  assert.ok(typeof left !== "number");
  native.closeFd(left.before);
  const kept = new Link(session, left.link, "on_xdp");
  const { fd } = kept;
  kept.disconnect();
  kept.destroy();
  second.destroy();
  assert.equal(typeof native.linkIds(fd), "object", "it is attached");
  native.closeFd(fd);
  // One that nobody destroys is closed with its object.
  const third = before.attachXdp("lo") as Link;
  const last = native.linkIds(third.fd) as { id: number; progId: number };
  const abandoned = native.linkTakeOver(last.id, last.progId, session.object, after.index);
  assert.ok(typeof abandoned !== "number");
  native.closeFd(abandoned.before);
  third.destroy();
}

export async function handover(): Promise<void> {
  using skel = (await classOf("lifecycle")).open();
  const { native } = (Object.values(skel.progs)[0] as Program).session;
  callOddly(native);
  exchange(native);
  await takeOver();
  await settle();
  const before = openDescriptors();
  exchange(native);
  await takeOver();
  await settle();
  assert.equal(openDescriptors(), before, "descriptors are left open");
}

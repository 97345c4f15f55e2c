import assert from "node:assert/strict";
import { test } from "node:test";
import { Watch } from "../../toolchain/src/runtime/watch.ts";

/**
 * The addon's part of a watch: whether it polls, and what the kernel would say. As in the addon, polling ends once the
 * callback has returned and nobody has asked for more.
 */
function fake() {
  const poll = { polling: false, wanted: false, closed: false, referenced: true, readable: () => {} };
  const native = {
    pollOpen: (_fd: number, callback: () => void) => {
      poll.readable = () => {
        poll.wanted = false;
        callback();
        if (!poll.wanted) poll.polling = false;
      };
      return {};
    },
    pollStart: () => {
      const begins = !poll.polling;
      poll.polling = true;
      poll.wanted = true;
      return begins ? 1 : 0;
    },
    pollStop: () => {
      poll.polling = false;
    },
    pollRef: (_handle: unknown, referenced: boolean) => {
      poll.referenced = referenced;
    },
    pollClose: () => {
      poll.closed = true;
      poll.polling = false;
    },
  };
  return { poll, watch: new Watch(native as never, 3) };
}

test("all who wait are called, in their order, and once", () => {
  const { poll, watch } = fake();
  const called: string[] = [];
  watch.wait(() => called.push("first"));
  watch.wait(() => called.push("second"));
  assert.equal(poll.polling, true);
  poll.readable();
  assert.deepEqual(called, ["first", "second"]);
  assert.equal(poll.polling, false);
  poll.readable();
  assert.deepEqual(called, ["first", "second"]);
});

test("one who is called may wait again, for the next time", () => {
  const { poll, watch } = fake();
  let calls = 0;
  const again = () => {
    calls++;
    watch.wait(again);
  };
  watch.wait(again);
  poll.readable();
  assert.equal(calls, 1);
  assert.equal(poll.polling, true);
  poll.readable();
  assert.equal(calls, 2);
});

test("one wait is ended without the others; polling stops with the last", () => {
  const { poll, watch } = fake();
  const called: string[] = [];
  const end = ["first", "second"].map((name) => watch.wait(() => called.push(name)));
  end[1]!();
  assert.deepEqual(called, ["second"]);
  assert.equal(poll.polling, true);
  end[1]!();
  end[0]!();
  assert.deepEqual(called, ["second", "first"]);
  assert.equal(poll.polling, false);
});

test("a function that waits twice is called twice", () => {
  const { poll, watch } = fake();
  let calls = 0;
  const ready = () => calls++;
  watch.wait(ready);
  watch.wait(ready);
  poll.readable();
  assert.equal(calls, 2);
});

test("closing calls all who wait, and whoever comes later at once", () => {
  const { poll, watch } = fake();
  let calls = 0;
  const ready = () => calls++;
  watch.wait(ready);
  watch.close();
  watch.close();
  assert.equal(calls, 1);
  assert.equal(poll.closed, true);
  watch.wait(ready)();
  assert.equal(calls, 2);
});

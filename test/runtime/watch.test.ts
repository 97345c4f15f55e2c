import assert from "node:assert/strict";
import { test } from "node:test";
import { Watch } from "../../toolchain/src/runtime/watch.ts";

/**
 * The addon's part of a watch: whether it polls, and what the kernel would say. As in the addon, polling ends once the
 * callback has returned and nobody has asked for more.
 */
function fake() {
  const poll = { polling: false, wanted: false, closed: false, started: 0, readable: (_events = 1) => {} };
  const native = {
    pollOpen: (_fd: number, callback: (events: number) => boolean) => {
      poll.readable = (events = 1) => {
        poll.wanted = false;
        if (!callback(events) && !poll.wanted) poll.polling = false;
      };
      return {};
    },
    pollStart: () => {
      const begins = !poll.polling;
      poll.started++;
      poll.polling = true;
      poll.wanted = true;
      return begins ? 1 : 0;
    },
    pollStop: () => {
      poll.polling = false;
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
  assert.equal(poll.started, 1, "what the callback returns is enough to poll on");
  poll.readable(0);
  assert.equal(poll.started, 2, "the clock went off, and nobody may have polled");
});

test("polling goes on for one who waits only in a promise that the callback resolves", async () => {
  const { poll, watch } = fake();
  let resolve = () => {};
  const called = new Promise<void>((ready) => {
    resolve = ready;
  });
  watch.wait(resolve);
  poll.readable();
  await called;
  watch.wait(() => {});
  assert.equal(poll.polling, true);
  assert.equal(poll.started, 2);
});

test("what throws is thrown to the loop, and polling ends", () => {
  const { poll, watch } = fake();
  watch.wait(() => {
    watch.wait(() => {});
    throw new Error("mine");
  });
  assert.throws(() => poll.readable(), /mine/);
  watch.wait(() => {});
  assert.equal(poll.started, 2);
});

test("one wait is ended without the others; polling stops with the last", () => {
  const { poll, watch } = fake();
  const called: string[] = [];
  const [first, second] = ["first", "second"].map((name) => () => void called.push(name));
  watch.wait(first!);
  watch.wait(second!);
  watch.end(second!);
  assert.deepEqual(called, ["second"]);
  assert.equal(poll.polling, true);
  watch.end(second!);
  watch.end(first!);
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

test("one whose wait is ended in the very call that it waits again in leaves nobody polling; others poll anew", () => {
  const { poll, watch } = fake();
  const again = () => watch.wait(later);
  const later = () => {};
  watch.wait(again);
  watch.wait(() => watch.end(later));
  poll.readable();
  assert.equal(poll.polling, false);

  watch.wait(again);
  watch.wait(() => {
    watch.end(later);
    watch.wait(later);
  });
  poll.readable();
  assert.equal(poll.polling, true);
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
  watch.wait(ready);
  assert.equal(calls, 2);
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventPrinter, reportLost, until, wholeNumber } from "../../toolchain/src/runtime/output.ts";

function sink(isTTY: boolean) {
  const lines: string[] = [];
  return { isTTY, lines, write: (text: string) => lines.push(text) };
}

const columns = { pid: ["PID", 5], comm: ["COMM", -8], bytes: ["BYTES", 6] } as const;

describe("eventPrinter", () => {
  it("prints a table on a terminal, numbers right and names left", () => {
    const out = sink(true);
    const print = eventPrinter({ columns, out });
    print({ pid: 42, comm: "sh", bytes: 7n, more: "not in the table" });
    assert.deepEqual(out.lines, ["  PID COMM      BYTES\n", "   42 sh            7\n"]);
  });

  it("leaves out what is undefined", () => {
    const event = { pid: 42, comm: undefined, bytes: 7 };
    const table = sink(true);
    eventPrinter({ columns, out: table })(event);
    assert.equal(table.lines[1], "   42               7\n");
    const pipe = sink(false);
    eventPrinter({ columns, out: pipe })(event);
    assert.deepEqual(pipe.lines, ['{"pid":42,"bytes":7}\n']);
  });

  it("keeps names from steering the terminal", () => {
    const out = sink(true);
    eventPrinter({ columns, out })({ pid: 1, comm: "\x1b[2Jx\n", bytes: 0 });
    assert.equal(out.lines[1], "    1 ?[2Jx?        0\n");
  });

  it("prints JSON in a pipe, with every field", () => {
    const out = sink(false);
    const print = eventPrinter({ columns, out });
    print({ pid: 42, comm: 'a"b', bytes: 7n, address: new Uint8Array([1, 2]), big: 2n ** 60n });
    assert.deepEqual(out.lines, [
      '{"pid":42,"comm":"a\\"b","bytes":7,"address":[1,2],"big":"1152921504606846976"}\n',
    ]);
  });

  it("prints JSON on a terminal when told", () => {
    const out = sink(true);
    eventPrinter({ columns, out, json: true })({ pid: 1, comm: "x", bytes: 2 });
    assert.equal(out.lines.length, 1);
    assert.deepEqual(JSON.parse(out.lines[0]!), { pid: 1, comm: "x", bytes: 2 });
  });
});

describe("until", () => {
  const aborted = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve());
    });

  it("ends at the signal", async () => {
    const controller = new AbortController();
    const end = until(controller.signal, "1000");
    assert.equal(end.aborted, false);
    controller.abort();
    await aborted(end);
  });

  it("ends when the seconds are over", async () => {
    const keepAlive = setInterval(() => {}, 1000);
    await aborted(until(new AbortController().signal, "0.01"));
    clearInterval(keepAlive);
  });

  it("refuses what is no number of seconds", () => {
    for (const text of ["", "soon", "-1", "0", "1e9"]) {
      assert.throws(() => until(new AbortController().signal, text), /is no number of seconds/);
    }
  });
});

describe("reportLost", () => {
  it("says in the end how many were lost, and nothing where none was", (t) => {
    const write = t.mock.method(process.stderr, "write", () => true);
    const map = { name: "events", dropped: 0n };
    reportLost(map)[Symbol.dispose]();
    assert.equal(write.mock.callCount(), 0);
    const report = reportLost(map);
    map.dropped = 3n;
    report[Symbol.dispose]();
    assert.match(String(write.mock.calls[0]?.arguments[0]), /^3 events of events were lost/);
  });
});

describe("wholeNumber", () => {
  it("reads what is one", () => {
    assert.equal(wholeNumber("0"), 0);
    assert.equal(wholeNumber("2147483647", 1), 2147483647);
    assert.equal(wholeNumber(undefined), undefined);
  });

  for (const text of ["", "-1", "1.5", "1e3", "0x10", " 1", "2147483648", "ten"]) {
    it(`refuses "${text}"`, () => {
      assert.throws(() => wholeNumber(text), { code: "ERR_PARSE_ARGS_INVALID_OPTION_VALUE" });
    });
  }

  it("refuses what is too small", () => {
    assert.throws(() => wholeNumber("0", 1), /"0" is no whole number from 1 on/);
  });
});

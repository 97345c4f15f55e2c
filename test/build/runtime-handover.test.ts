// `bpf-app dev`: an edit starts the app anew, and it goes on where it was. runtime-reloads.test.ts does it a hundred
// times.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { before, describe, it } from "node:test";
import type { App } from "./app.ts";
import { Cables, copyOf, DevRun, loseNoCall, loseNoPacket, makeApp, Packets } from "./dev/scene.ts";

// Each has an app and a port of its own, and waits for most of the time.
describe("after an edit", { concurrency: 3 }, () => {
  let app: App;
  before(() => {
    app = makeApp();
  });

  it("no packet is lost or counted twice over edits of both sides", async () => {
    using copy = copyOf(app);
    await loseNoPacket(copy, 3);
  });

  it("no call is lost at a tracepoint over edits", async () => {
    using copy = copyOf(app);
    await loseNoCall(copy, 3);
  });

  it("a program is exchanged, without a gap, wherever the kernel can do that", async () => {
    using copy = copyOf(app);
    await using packets = await Packets.open("0.0.0.0");
    await using cables = new Cables(packets.port);
    const cgroup = /^\S+ (\S+) cgroup2 /m.exec(readFileSync("/proc/self/mounts", "utf8"))?.[1];
    assert.ok(cgroup, "there is no cgroup2 file system");
    const args = [String(packets.port), ...cables.interfaces, cgroup];
    await using dev = new DevRun(copy, "places", args);
    await dev.prints(/version 0 runs/);
    cables.start();
    for (let i = 1; i <= 3; i++) {
      dev.edit("places.ts", [/VERSION = \d+/, `VERSION = ${i}`]);
      if (i === 2) dev.edit("places.bpf.c", ["ip->protocol != 17", "17 != ip->protocol"]);
      await dev.prints(new RegExp(`version ${i} runs`));
      await dev.prints(/rebuilt in [\d.]+ s: kept \.bss\n/);
    }
    const sent = await cables.stop();
    await dev.end();
    const [, ...counts] = await dev.prints(/version 3 ends: (\d+) (\d+) (\d+) (\d+)/);
    assert.deepEqual(counts.map(Number), [sent, sent, sent, 2 * sent]);
    const filters = execFileSync("tc", ["filter", "show", "dev", cables.interfaces[0], "ingress"]);
    assert.equal(String(filters), "", "nothing is left on the network");
  });

  it("what was edited starts anew, and the rest is kept", async () => {
    using edited = copyOf(app);
    await using packets = await Packets.open();
    await using dev = new DevRun(edited, "tally", [edited.path("packets.txt"), String(packets.port)]);
    await dev.prints(/version 0 runs/);
    await packets.send(10);

    // A field more: that map starts empty. The initial value of a global is edited: it is the new one.
    dev.edit(
      "tally.bpf.c",
      ["__u64 packets;\n", "__u64 packets;\n\t__u64 bytes;\n"],
      ["int limit = 5", "int limit = 6"],
    );
    await dev.prints(/runs, total=10 counts=0 limit=6/);
    await dev.prints(
      /rebuilt in [\d.]+ s: kept rb, \.bss, \.data; counts starts empty: struct count: field `bytes` is new\n/,
    );
    await packets.send(5);

    // A global more: the others keep their values.
    dev.edit("tally.bpf.c", ["int port;", "int port;\n__u32 more[3];"], ["limit = 6", "limit = 7"]);
    await dev.prints(/runs, total=15 counts=5 limit=7/);
    await dev.prints(
      /kept counts, rb, \.data; \.bss is laid out anew, with the values it had: `more` is new\n/,
    );
    await packets.send(1);
    await dev.end();
    await dev.prints(/ends, total=16 counts=6 limit=7/);
  });

  it("an app that cannot start leaves the old one running, with its programs in their places", async () => {
    using broken = copyOf(app);
    await using packets = await Packets.open();
    await using dev = new DevRun(broken, "tally", [broken.path("packets.txt"), String(packets.port)]);
    await dev.prints(/version 0 runs/);
    await packets.send(3);

    // The verifier refuses a pointer that was not looked at.
    dev.edit("tally.bpf.c", ["if (count)\n", "if (version != 1)\n"]);
    await dev.prints(/invalid mem access/);
    await dev.prints(/the new app ended with 1 before it had taken over\. The old one goes on/);
    await packets.send(3);

    // This one has put its program in the place of the old one's when it fails, and has set a global of both.
    dev.edit("tally.bpf.c", ["if (version != 1)\n", "if (count)\n"]);
    await dev.prints(/version 0 runs/);
    await dev.prints(/rebuilt/);
    dev.edit(
      "tally.ts",
      ["Number(args[1])", "1"],
      ["const state", 'throw new Error("too bad");\n  const state'],
    );
    await dev.prints(/too bad/);
    await dev.prints(/The old one goes on/);
    await packets.send(4);
    await dev.end();
    await dev.prints(/version 0 ends, total=10 counts=10/);
  });

  it("maps outlive an app that ends, however it ends, and dev waits for a change", async () => {
    using ending = copyOf(app);
    await using packets = await Packets.open();
    await using dev = new DevRun(ending, "tally", [ending.path("packets.txt"), String(packets.port)]);
    await dev.prints(/version 0 runs/);
    await packets.send(3);
    dev.edit("tally.ts", ["// MORE", 'setTimeout(() => process.kill(process.pid, "SIGKILL"), 200);']);
    await dev.prints(/bpf-app: app ended with 137, waiting for a change\.\n/);
    // Nobody counts: a program is not kept.
    await packets.send(100);
    dev.edit("tally.ts", [/setTimeout.*\n/, "setTimeout(() => process.exit(1), 200);\n"]);
    await dev.prints(/runs, total=3 counts=3/);
    await dev.prints(/bpf-app: app ended with 1, waiting for a change\.\n/);
    dev.edit("tally.ts", [/setTimeout.*\n/, "\n"]);
    await dev.prints(/runs, total=3 counts=3/);
    await packets.send(2);
    await dev.end();
    await dev.prints(/ends, total=5 counts=5/);
  });

  it("an app that needs what only one process can have is ended before the next one starts", async () => {
    using copy = copyOf(app);
    await using packets = await Packets.open();
    await using dev = new DevRun(copy, "tally", [copy.path("packets.txt"), String(packets.port)]);
    await dev.prints(/version 0 runs/);
    await packets.send(3);
    // As a datagram socket, the port of the packets is free for TCP.
    dev.edit(
      "tally.ts",
      ["import {", 'import { createServer } from "node:net";\nimport {'],
      ["using skel", "const server = createServer().listen(Number(args[1]));\n  using skel"],
      ["appendFileSync(args", "server.close();\n  appendFileSync(args"],
    );
    await dev.prints(/runs, total=3 counts=3/);
    await dev.prints(/rebuilt/);
    dev.edit("tally.ts", [/VERSION = \d+/, "VERSION = 1"]);
    await dev.prints(/EADDRINUSE/);
    await dev.prints(/cannot start while the old one runs \(EADDRINUSE\): the old one is ended first\.\n/);
    await dev.prints(/version 0 ends/);
    await dev.prints(/version 1 runs, total=3 counts=3/);
    await dev.prints(/rebuilt in [\d.]+ s: kept counts, rb, \.bss, \.data\n/);
    await packets.send(2);
    await dev.end();
    await dev.prints(/version 1 ends, total=5 counts=5/);
  });
});

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { describe, it } from "node:test";
import { runApp } from "bpf-app/testing";

// An address in lo's own network to which nobody else sends.
const ADDRESS = "127.93.7.11";

// Run as root, by `npm test`, which builds first.
describe("tc", () => {
  for (const direction of ["ingress", "egress"]) {
    it(`sees the length and time to live of a datagram at ${direction}`, async (test) => {
      const socket = createSocket("udp4");
      // An open socket would keep a failed test from ending.
      test.after(() => socket.close());
      socket.bind(0, ADDRESS);
      await once(socket, "listening");
      socket.setTTL(37);
      await using app = runApp("tc", direction === "egress" ? ["--egress"] : []);
      await app.saw(new RegExp(`^Watching lo, ${direction}`, "m"));
      const event = await app.event(
        ({ destination }) => destination === ADDRESS,
        () => socket.send("hello", socket.address().port, ADDRESS),
      );
      assert.equal(event.direction, direction);
      assert.equal(event.protocol, "UDP");
      assert.equal(event.ttl, 37);
      assert.equal(event.length, 20 + 8 + 5);
      assert.equal(event.source, ADDRESS);
      assert.equal(await app.stop(), 0);
    });
  }

  it("says that there is no such interface", async () => {
    await using app = runApp("tc", ["--interface", "nowhere0"]);
    assert.equal(await app.exit(), 1);
    assert.match(app.stderr, /nowhere0/);
  });
});

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { describe, it } from "node:test";
import { runApp } from "bpf-app/testing";

// Run as root, by `npm test`, which builds first.
describe("sockfilter", () => {
  for (const [type, host, shown] of [
    ["udp4", "127.0.0.1", "127.0.0.1"],
    ["udp6", "::1", "[::1]"],
  ] as const) {
    it(`sees a datagram from and to ${host}`, async (test) => {
      const socket = createSocket(type);
      // An open socket would keep a failed test from ending.
      test.after(() => socket.close());
      socket.bind(0, host);
      await once(socket, "listening");
      const { port } = socket.address();
      await using app = runApp("sockfilter", ["--port", String(port)]);
      await app.saw(/^Watching lo/m);
      const event = await app.event(
        ({ direction }) => direction === "in",
        () => socket.send("hello", port, host),
      );
      assert.equal(event.protocol, "UDP");
      assert.equal(event.source, `${shown}:${port}`);
      assert.equal(event.destination, `${shown}:${port}`);
      // The length is that of the headers of Ethernet, IP and UDP, and of five bytes.
      assert.equal(event.length, 14 + (type === "udp4" ? 20 : 40) + 8 + 5);
      assert.equal(await app.stop(), 0);
    });
  }

  it("says that there is no such interface", async () => {
    await using app = runApp("sockfilter", ["--interface", "nowhere0"]);
    assert.equal(await app.exit(), 1);
    assert.match(app.stderr, /nowhere0/);
  });

  it("refuses what is no port", async () => {
    await using app = runApp("sockfilter", ["--port", "http"]);
    assert.equal(await app.exit(), 2);
    assert.match(app.stderr, /"http" is no port/);
  });
});

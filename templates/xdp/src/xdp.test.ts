import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { describe, it } from "node:test";
import { runApp } from "bpf-app/testing";

/** With its headers this makes a packet of 9,042 bytes. Hardly any other packet on lo is so large. */
const PAYLOAD = new Uint8Array(9000);

// Run as root, by `npm test`, which builds first.
describe("xdp", () => {
  for (const mode of ["link", "generic"]) {
    it(`counts datagrams by their size (${mode})`, async (test) => {
      const socket = createSocket("udp4");
      // An open socket would keep a failed test from ending.
      test.after(() => socket.close());
      socket.bind(0, "127.0.0.1");
      await once(socket, "listening");
      await using app = runApp("xdp", ["--mode", mode, "--every", "0.1"]);
      await app.saw(/^Counting packets into lo/m);
      const event = await app.event(
        ({ from }) => from === 8192,
        () => socket.send(PAYLOAD, socket.address().port, "127.0.0.1"),
      );
      assert.equal(event.to, 16_383);
      const packets = Number(event.packets);
      assert.ok(packets >= 1, `${packets} packets`);
      assert.ok(
        Number(event.bytes) >= packets * 8192 && Number(event.bytes) < packets * 16_384,
        `${event.bytes} bytes`,
      );
      assert.equal(await app.stop(), 0);
    });
  }

  it("refuses a mode that there is not", async () => {
    await using app = runApp("xdp", ["--mode", "fast"]);
    assert.equal(await app.exit(), 2);
    assert.match(app.stderr, /"fast" is none of the modes/);
  });
});

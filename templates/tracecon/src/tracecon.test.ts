import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { after, before, describe, it } from "node:test";
import { runApp } from "bpf-app/testing";

// Run as root, by `npm test`, which builds first. The connections of this process are traced.
describe("tracecon", () => {
  let server: Server;
  let port: number;
  before(async () => {
    server = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
    await once(server, "listening");
    port = (server.address() as AddressInfo).port;
  });
  after(() => server.close());

  async function connectTo(host: string): Promise<void> {
    const socket = connect({ host, port, family: 4 });
    socket.resume();
    await once(socket, "close");
  }

  it("shows a connection with the name that was looked up", async () => {
    await using app = runApp("tracecon", ["--pid", String(process.pid)]);
    await app.saw(/^Tracing connections/m);
    // inet_aton(3) takes this as an address, but Node takes it as a name, so it asks the C library.
    await connectTo("127.1");
    const event = await app.event((e) => e.port === port);
    assert.equal(event.pid, process.pid);
    assert.equal(event.host, "127.1");
    assert.equal(event.address, "127.0.0.1");

    await connectTo("localhost");
    await app.event((e) => e.port === port && e.host === "localhost");
    assert.equal(await app.stop(), 0);
  });

  it("shows no name where none was looked up", async () => {
    await using app = runApp("tracecon", ["--pid", String(process.pid)]);
    await app.saw(/^Tracing connections/m);
    await connectTo("127.0.0.1");
    const event = await app.event((e) => e.port === port);
    assert.equal(event.host, undefined);
    assert.equal(event.address, "127.0.0.1");
    assert.equal(await app.stop("SIGTERM"), 0);
  });
});

// `bpf-app dev` over a hundred edits under load. runtime-handover.test.ts has what can happen at one.
import { before, test } from "node:test";
import type { App } from "./app.ts";
import { loseNoCall, loseNoPacket, makeApp } from "./dev/scene.ts";

const RELOADS = Number(process.env.RELOADS ?? 60);

let app: App;
before(() => {
  app = makeApp();
});

test(`no packet is lost or counted twice over ${RELOADS} edits`, () => loseNoPacket(app, RELOADS));

test(`no call is lost at a tracepoint over ${RELOADS} edits`, () => loseNoCall(app, RELOADS));

import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { intoFullDisk, intoHead } from "../unwritable.ts";
import { App, run } from "./app.ts";

const TEMPLATES = readdirSync(fileURLToPath(new URL("../../templates", import.meta.url)))
  .filter((name) => existsSync(new URL(`../../templates/${name}/template.json`, import.meta.url)))
  .sort();

/** Features that some kernels are built without, each with the templates that then say so instead of working. */
const LACKS: readonly { lack: string; absent: boolean; templates: readonly string[] }[] = [
  {
    lack: "kprobes",
    absent: !existsSync("/sys/bus/event_source/devices/kprobe"),
    templates: ["kprobe", "ksyscall", "tracecon"],
  },
];

/**
 * Templates whose programs attach only where the kernel patches functions while it runs. Whether it does can only be
 * found out by trying.
 */
const MAY_BE_REFUSED = ["fentry", "lsm"];

describe("the templates' own tests, in one app that has them all", () => {
  let app: App;
  before(() => {
    app = App.make(TEMPLATES[0]!);
    for (const name of TEMPLATES.slice(1)) {
      const added = run(app.dir, ["node_modules/.bin/bpf-app", "add", name]);
      assert.equal(added.status, 0, added.stderr);
    }
    const built = app.build();
    assert.equal(built.status, 0, built.stderr);
  });

  it("are accepted by tsc, as are the templates", () => {
    const { status, stdout } = run(app.dir, ["npm", "run", "--silent", "typecheck"]);
    assert.equal(status, 0, stdout);
  });

  for (const name of TEMPLATES) {
    const missing = LACKS.find(({ absent, templates }) => absent && templates.includes(name));
    it(`${name}: ${missing ? `says that there are no ${missing.lack}` : "the event is seen"}`, () => {
      const { status, stdout, stderr } = run(app.dir, ["node", "--test", `src/${name}.test.ts`]);
      const said = `${stdout}${stderr}`;
      if (missing) {
        assert.notEqual(status, 0);
        assert.match(said, new RegExp(`no ${missing.lack}`));
      } else if (MAY_BE_REFUSED.includes(name) && status !== 0) {
        assert.match(said, /EPERM|not permitted|BPF LSM/, "refused, and the error says what");
      } else assert.equal(status, 0, said);
    });
  }

  it("say that the disk is full when their help cannot be written", async () => {
    for (const name of TEMPLATES) {
      const { status, stderr } = await intoFullDisk([app.path(`dist/${name}`), "--help"]);
      assert.equal(status, 1, name);
      assert.match(stderr, /^cannot write to standard output: ENOSPC/, name);
      assert.doesNotMatch(stderr, /^ +at /m, name);
    }
  });

  it("end with the reader of their output", async () => {
    const began = Date.now();
    const { status, stdout } = await intoHead([app.path("dist/minimal"), "--duration", "60"]);
    assert.equal(status, 141);
    assert.match(stdout, /BPF triggered from PID/);
    assert.ok(Date.now() - began < 55_000, "it did not wait for its own end");
  });
});

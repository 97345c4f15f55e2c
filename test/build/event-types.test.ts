import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { before, describe, it } from "node:test";
import { App, type Ran, run } from "./app.ts";

/** What somebody else has written: no definition says the type of the events, and neither does a variable. */
const FOREIGN = `// SPDX-License-Identifier: GPL-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event {
	__u32 pid;
	__u32 calls;
	char comm[16];
};

int my_pid;
__u32 calls;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} rb SEC(".maps");

static __always_inline void *reserve(__u64 size)
{
	return bpf_ringbuf_reserve(&rb, size, 0);
}

SEC("tp/syscalls/sys_enter_getppid")
int handle(void *ctx)
{
	void *record;

	if (bpf_get_current_pid_tgid() >> 32 != my_pid)
		return 0;
	record = reserve(sizeof(struct event));
	if (!record)
		return 0;
	((struct event *)record)->pid = my_pid;
	((struct event *)record)->calls = ++calls;
	bpf_get_current_comm(((struct event *)record)->comm, 16);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
`;

const WRAPPER = `// SPDX-License-Identifier: GPL-2.0
// bpf-app: -mcpu=v3
#include "../foreign/calls.bpf.c"
#include <bpf_app.h>

BPF_APP_EVENT(rb, struct event);

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} mine SEC(".maps");

__u64 seen;

// The old value of an atomic addition: without -mcpu=v3 clang 14 refuses it.
SEC("tp/syscalls/sys_enter_getppid")
int count(void *ctx)
{
	__u32 zero = 0;
	__u64 before = __sync_fetch_and_add(&seen, 1);

	bpf_map_update_elem(&mine, &zero, &before, BPF_ANY);
	return 0;
}
`;

const USER = `import { mine } from "../.output/mine.skel.ts";

using skel = mine.open();
skel.load();
skel.bss.my_pid = process.pid;
skel.attach();
const timer = setInterval(() => process.ppid, 20);
for await (const event of skel.maps.rb) {
  const { pid, calls, comm } = event;
  const counted: bigint | undefined = skel.maps.mine.get(0);
  console.log(JSON.stringify({ own: pid === process.pid, calls, named: comm !== "", counted: counted !== undefined }));
  break;
}
clearInterval(timer);
`;

/** The notes in what a build has printed, by the names of their maps. */
const notesIn = ({ stdout, stderr }: Ran) =>
  [...`${stdout}${stderr}`.matchAll(/note: the events of (\w+) are read as bytes/g)].map(([, map]) => map);

describe("an app of somebody else's programs", () => {
  let app: App;
  let built: Ran;
  const configure = (config: string) =>
    writeFileSync(app.path("bpf-app.config.ts"), `export default ${config};\n`);
  const skeleton = (name: string) => readFileSync(app.path(`.output/${name}.skel.ts`), "utf8");
  before(() => {
    app = App.make("minimal");
    mkdirSync(app.path("foreign"));
    for (const file of ["minimal.bpf.c", "minimal.ts", "minimal.test.ts"])
      rmSync(app.path(`src/${file}`), { force: true });
    writeFileSync(app.path("foreign/calls.bpf.c"), FOREIGN);
    writeFileSync(app.path("src/mine.bpf.c"), WRAPPER);
    writeFileSync(app.path("src/mine.ts"), USER);
    writeFileSync(app.path("src/plain.bpf.c"), FOREIGN);
    built = app.build();
    assert.equal(built.status, 0, built.stdout + built.stderr);
  });

  it("is told once of the map whose events have no type, and how to say it", () => {
    assert.deepEqual(notesIn(built), ["rb"]);
    const said = built.stdout + built.stderr;
    const line = FOREIGN.split("} rb SEC")[0]!.split("\n").length - 3;
    assert.ok(said.includes(`src/plain.bpf.c:${line}: note: the events of rb are read as bytes: `), said);
    assert.match(said, /bpf-app\.config\.ts, events: \{ rb: "struct …" \}/);
    assert.match(skeleton("plain"), /readonly rb: RingBuffer<Uint8Array, Uint8Array>;/);
  });

  it("is told again by a build that has nothing to do, for as long as it is so", () => {
    const again = app.build();
    assert.equal(again.status, 0);
    assert.match(again.stdout, /^src\/plain\.bpf\.c:\d+: note: the events of rb are read as bytes: .*\n$/);
  });

  it("is told in an event of --json as well", () => {
    rmSync(app.path(".output/plain.skel.ts"));
    const { status, stdout } = app.build(["--json"]);
    assert.equal(status, 0);
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const outputs = events.filter(({ type }) => type === "output");
    assert.deepEqual(
      outputs.map(({ step }) => step),
      ["skel.ts:plain"],
    );
    assert.match(outputs[0].text, /note: the events of rb are read as bytes: .*\n$/);
  });

  it("prints typed events through a wrapper that includes the source", () => {
    assert.match(skeleton("mine"), /readonly rb: RingBuffer<event, event_view>;/);
    assert.equal(run(app.dir, ["npm", "run", "--silent", "typecheck"]).status, 0);
    const { status, stdout, stderr } = run(app.dir, [app.path("dist/mine")]);
    assert.equal(status, 0, stderr);
    const { calls, ...rest } = JSON.parse(stdout);
    assert.deepEqual(rest, { own: true, named: true, counted: true });
    assert.ok(calls >= 1);
  });

  it("has the type that a line of the configuration names, for every program with the map", () => {
    configure(`{ events: { rb: "struct event" } }`);
    const { status, stdout, stderr } = app.build();
    assert.equal(status, 0, stderr);
    assert.deepEqual(notesIn({ status, stdout, stderr }), []);
    for (const name of ["plain", "mine"])
      assert.match(skeleton(name), /readonly rb: RingBuffer<event, event_view>;/);
  });

  it("is refused a type that the program does not have, and a map that is not there", () => {
    configure(`{ programs: { plain: { events: { rb: "struct evnt" } } } }`);
    const type = app.build();
    assert.equal(type.status, 1);
    assert.match(
      type.stderr,
      /"struct evnt".*names a type that the program does not have[\s\S]*Did you mean struct event\?/,
    );
    configure(`{ programs: { plain: { events: { rbb: "struct event" } } } }`);
    const map = app.build();
    assert.equal(map.status, 1);
    assert.match(
      map.stderr,
      /rbb: "struct event".*names a map that carries no events[\s\S]*Did you mean rb\?/,
    );
    configure("{}");
    assert.equal(app.build().status, 0);
  });

  it("compiles each source with its own flags, and again when these change", () => {
    const commands = (...args: string[]) =>
      app
        .build(["V=1", ...args])
        .stdout.split("\n")
        .filter((line) => / -c src\//.test(line));
    assert.deepEqual(commands(), []);
    configure(`{ programs: { plain: { cflags: ["-mcpu=v2", "-DMORE"] } } }`);
    const [plain, ...others] = commands();
    assert.deepEqual(others, []);
    assert.match(plain ?? "", / -mcpu=v2 -DMORE -c src\/plain\.bpf\.c /);
    writeFileSync(app.path("src/mine.bpf.c"), WRAPPER.replace("-mcpu=v3", "-mcpu=v3 -DOTHER"));
    const [mine, ...more] = commands();
    assert.deepEqual(more, []);
    assert.match(mine ?? "", / -mcpu=v3 -DOTHER -c src\/mine\.bpf\.c /);
    writeFileSync(app.path("src/mine.bpf.c"), WRAPPER.replace("-mcpu=v3", "-include /etc/passwd"));
    const refused = app.build();
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /src\/mine\.bpf\.c:2: -include is no flag that a source may set/);
  });
});

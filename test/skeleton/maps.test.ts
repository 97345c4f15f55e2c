import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../../toolchain/src/base/failure.ts";
import { generateSkeleton } from "../../toolchain/src/skeleton/index.ts";
import type { BtfBuilder } from "../btf/builder.ts";
import { load } from "./load.ts";
import { fixture, mapDefinition, objectWithMaps } from "./objects.ts";

const events = await load({ name: "events", object: fixture("events") });
const shapes = await load({ name: "shapes", object: fixture("shapes") });

function fails(make: (btf: BtfBuilder) => Readonly<Record<string, number>>, expected: object): void {
  assert.throws(
    () => generateSkeleton({ name: "it", object: objectWithMaps(make) }),
    (error) => {
      assert.ok(error instanceof Failure);
      assert.deepEqual({ ...error.failure, ...expected }, error.failure);
      return true;
    },
  );
}

/** What the macro BPF_APP_EVENT leaves in an object. */
function declareEvent(btf: BtfBuilder, map: string, type: number): void {
  const int = btf.int("int", 4, { signed: true });
  btf.func(`bpf_app_event__${map}`, btf.funcProto(int, [{ name: "event", type: btf.ptr(type) }]));
}

test("a map's type, sizes and codecs come from its definition", () => {
  const { exec_start } = events.spec.maps;
  const { key, value, ...rest } = exec_start!;
  assert.deepEqual(rest, {
    name: "exec_start",
    type: "hash",
    keySize: 4,
    valueSize: 8,
    maxEntries: 8192,
    flags: 0,
  });
  assert.deepEqual([key?.ctype, value?.ctype], ["__s32", "__u64"]);
  assert.match(events.text, /readonly exec_start: HashMap<number, bigint>;/);
});

test("maps of sizes alone hold bytes", () => {
  const { routes } = shapes.spec.maps;
  assert.deepEqual(
    [routes!.type, routes!.flags, routes!.key?.size, routes!.value?.size],
    ["lpm_trie", 1, 8, 12],
  );
  assert.match(shapes.text, /readonly routes: LpmTrieMap<Uint8Array, Uint8Array>;/);
});

test("a map of maps has the inner map's types", () => {
  const { outer } = shapes.spec.maps;
  assert.deepEqual(
    [outer!.type, outer!.inner?.type, outer!.inner?.value?.ctype],
    ["hash_of_maps", "array", "struct fields"],
  );
  assert.match(shapes.text, /readonly outer: HashOfMaps<number, ArrayMap<fields, fields_view>>;/);
});

test("a ring buffer's event comes from its definition, a perf event array's from BPF_APP_EVENT", () => {
  const { rb, legacy } = events.spec.maps;
  assert.deepEqual([rb!.value?.ctype, rb!.valueSize], ["struct event", 48]);
  assert.deepEqual([legacy!.value?.ctype, legacy!.valueSize], ["struct event", 4]);
  assert.match(events.text, /readonly legacy: PerfEventArray<event, event_view>;/);
});

test("where a ring buffer counts its failed reserves is found", () => {
  const { section, offset } = events.spec.maps.rb!.dropped!;
  const names = Object.getOwnPropertyNames(events.spec.sections[section]!.View.prototype);
  assert.ok(names.includes("rb__dropped"));
  assert.equal(offset % 8, 0);
  assert.equal(events.spec.maps.legacy!.dropped, undefined);
});

test("data sections are maps by their names in ELF", () => {
  const { bss, data_hot, kconfig } = events.spec.maps;
  assert.deepEqual([bss?.section, data_hot?.section, kconfig?.section], [".bss", ".data.hot", ".kconfig"]);
  assert.deepEqual(Object.keys(events.spec.sections).sort(), [
    "bss",
    "data",
    "data_hot",
    "kconfig",
    "rodata",
  ]);
});

test("kconfig externs are where libbpf puts them: by alignment, size and name", () => {
  const text = events.text.slice(events.text.indexOf("class events_kconfig"));
  const offsets = ["CONFIG_HZ", "LINUX_KERNEL_VERSION", "CONFIG_BPF"].map((name) =>
    text.indexOf(`get ${name}()`),
  );
  assert.deepEqual(
    [...offsets].sort((a, b) => a - b),
    offsets,
  );
  assert.match(text, /get CONFIG_BPF\(\): boolean \{\s+return this\.\$m\.u8\[this\.\$at \+ 12\] !== 0;/);
  assert.doesNotMatch(text.slice(0, text.indexOf("\n}")), /\bset /);
});

test("programs are those of their sections, in the object's order", () => {
  assert.deepEqual(events.spec.progs, {
    handle_exec: { name: "handle_exec", section: "tp/sched/sched_process_exec" },
    handle_exit: { name: "handle_exit", section: "tp/sched/sched_process_exit" },
  });
});

test("static variables and the licence are no globals", () => {
  assert.doesNotMatch(events.text, /hidden|LICENSE/);
});

test("BPF_APP_EVENT of no such map is refused, with the maps there are", () => {
  fails(
    (btf) => {
      const struct = btf.struct("event", 0, []);
      declareEvent(btf, "nothing", struct);
      return { rb: mapDefinition(btf, { type: 27 }), hash: mapDefinition(btf, { type: 1 }) };
    },
    { kind: "event-map-unknown", map: "nothing", maps: ["rb"] },
  );
});

test("two types for one map's events are refused", () => {
  fails(
    (btf) => {
      const one = btf.struct("one", 0, []);
      declareEvent(btf, "rb", btf.struct("two", 0, []));
      return { rb: mapDefinition(btf, { type: 27 }, { value: one }) };
    },
    { kind: "event-type-conflict", map: "rb", types: ["struct one", "struct two"] },
  );
});

test("the same type twice is no conflict, through a typedef either", () => {
  const object = objectWithMaps((btf) => {
    const one = btf.struct("one", 0, []);
    declareEvent(btf, "rb", btf.modifier("typedef", one, "one_t"));
    return { rb: mapDefinition(btf, { type: 27 }, { value: one }) };
  });
  assert.match(generateSkeleton({ name: "it", object }), /readonly rb: RingBuffer<one, one_view>;/);
});

test("a definition that makes no sense is refused by the map's name", () => {
  fails((btf) => ({ m: btf.struct("", 0, []) }), { kind: "map-malformed", map: "m" });
  fails((btf) => ({ m: btf.int("int", 4) }), { kind: "map-malformed", map: "m" });
  fails((btf) => ({ m: mapDefinition(btf, { type: 1 }, { key: btf.fwd("s") }) }), {
    kind: "map-malformed",
    what: "its key has a type without a size",
  });
});

test("a map of a type no one knows yet is a plain map", () => {
  const object = objectWithMaps((btf) => ({ m: mapDefinition(btf, { type: 99, max_entries: 3 }) }));
  const text = generateSkeleton({ name: "it", object });
  assert.match(text, /readonly m: BpfMap;/);
  assert.match(text, /type: "type_99"/);
});

// What `bpf-app dev` keeps of an app's maps when its kernel side was edited, and what it says of the rest.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { BtfMember, BtfType } from "../../toolchain/src/btf/types.ts";
import type { MapShape } from "../../toolchain/src/facts/handover.ts";
import { fates } from "../../toolchain/src/skeleton/handover/compare.ts";
import { difference, tied } from "../../toolchain/src/skeleton/handover/difference.ts";
import type { Layout } from "../../toolchain/src/skeleton/handover/object.ts";
import { partsOf } from "../../toolchain/src/skeleton/handover/parts.ts";
import type { MapDefinition } from "../../toolchain/src/skeleton/maps.ts";

const int = (name: string, size: number, signed = false): BtfType => ({
  kind: "int",
  name,
  size,
  signed,
  bool: false,
  bits: 8 * size,
  bitOffset: 0,
});

/** Types 1 to 4 are u32, u64, char and int; what is given follows. */
const btf = (...types: BtfType[]) => ({
  types: [
    { kind: "void", name: "" } as const,
    int("u32", 4),
    int("u64", 8),
    int("char", 1, true),
    int("int", 4, true),
    ...types,
  ],
});
const [U32, U64, CHAR, INT] = [1, 2, 3, 4];
/** The number of the first type that is given. */
const OWN = 5;

const member = (name: string, type: number, at: number, bitSize = 0): BtfMember => ({
  name,
  type,
  bitOffset: 8 * at,
  bitSize,
});
const struct = (name: string, size: number, ...members: BtfMember[]): BtfType => ({
  kind: "struct",
  name,
  size,
  members,
});
const array = (type: number, length: number): BtfType => ({ kind: "array", name: "", type, length });

const differ = (was: BtfType[], now: BtfType[], id = OWN) =>
  difference({ btf: btf(...was), id }, { btf: btf(...now), id });

describe("the difference of two types", () => {
  const event = struct("event", 8, member("pid", U32, 0), member("uid", U32, 4));

  it("is none where the bytes mean the same, whatever the names of types are", () => {
    const record = struct("record", 8, member("pid", U32, 0), member("uid", U32, 4));
    assert.equal(differ([event], [record]), undefined);
    const pointer = (type: number): BtfType => ({ kind: "ptr", name: "", type });
    assert.equal(differ([pointer(U32)], [pointer(U64)]), undefined);
    const level = (...names: string[]): BtfType => ({
      kind: "enum",
      name: "level",
      size: 4,
      signed: false,
      values: names.map((name, i) => ({ name, value: BigInt(i) })),
    });
    assert.equal(differ([level("LOW")], [level("LOW", "HIGH")]), undefined);
  });

  it("names the field that is new, gone, or has another type", () => {
    const longer = struct("event", 12, member("pid", U32, 0), member("when", U32, 4), member("uid", U32, 8));
    assert.equal(differ([event], [longer]), "struct event: field `when` is new");
    assert.equal(differ([longer], [event]), "struct event: field `when` is gone");
    const wide = struct("event", 16, member("pid", U64, 0), member("uid", U32, 8));
    assert.equal(differ([event], [wide]), "struct event: field `pid` changed from u32 to u64");
    const signed = struct("event", 8, member("pid", INT, 0), member("uid", U32, 4));
    assert.equal(differ([event], [signed]), "struct event: field `pid` changed from u32 to int");
    const renamed = struct("event", 8, member("tgid", U32, 0), member("uid", U32, 4));
    assert.equal(differ([event], [renamed]), "struct event: field `tgid` is new, field `pid` is gone");
  });

  it("says where a field has moved to, and where only the size is another one", () => {
    const turned = struct("event", 8, member("uid", U32, 0), member("pid", U32, 4));
    assert.equal(differ([event], [turned]), "struct event: field `uid` moved from byte 4 to byte 0");
    assert.equal(
      differ([event], [{ ...event, size: 16 } as BtfType]),
      "struct event: it has 16 bytes, and had 8",
    );
    const bits = (size: number) => struct("flags", 4, member("up", U32, 0, size));
    assert.equal(differ([bits(1)], [bits(2)]), "struct flags: field `up` has 2 bits, and had 1");
  });

  it("is found in arrays, in structs in structs, and in types that contain themselves by a pointer", () => {
    assert.equal(differ([array(U32, 4)], [array(U32, 8)]), "changed from u32[4] to u32[8]");
    assert.equal(differ([array(U32, 4)], [array(U64, 4)]), "changed from u32[4] to u64[4]");
    const outer = (size: number) => struct("outer", size, member("inner", OWN + 1, 0));
    const inner = (size: number, type: number) => struct("inner", size, member("x", type, 0));
    assert.equal(
      differ([outer(4), inner(4, U32)], [outer(8), inner(8, U64)]),
      "struct outer: struct inner: field `x` changed from u32 to u64",
    );
    const list: BtfType[] = [
      struct("node", 8, member("next", OWN + 1, 0)),
      { kind: "ptr", name: "", type: OWN },
    ];
    assert.equal(differ(list, list), undefined);
  });
});

describe("a type that the kernel ties to its object", () => {
  it("is one with a timer, a list, or a pointer that the kernel keeps, however deep it lies", () => {
    const timer = btf(
      struct("value", 16, member("all", OWN + 1, 0)),
      array(OWN + 2, 1),
      struct("bpf_timer", 16),
    );
    assert.match(tied({ btf: timer, id: OWN }) ?? "", /timers/);
    const kptr = btf(
      struct("value", 8, member("task", OWN + 1, 0)),
      { kind: "ptr", name: "", type: OWN + 2 },
      { kind: "typeTag", name: "kptr", type: OWN + 3 },
      struct("task_struct", 8),
    );
    assert.match(tied({ btf: kptr, id: OWN }) ?? "", /kptr/);
    assert.equal(tied({ btf: btf(struct("value", 4, member("x", U32, 0))), id: OWN }), undefined);
  });
});

describe("the parts of a variable", () => {
  it("are numbers, and the elements of arrays of numbers; a text is one", () => {
    assert.deepEqual(partsOf({ btf: btf(), id: U64 }, 16, 8), [{ at: 16, size: 8, count: 1, stride: 8 }]);
    assert.deepEqual(partsOf({ btf: btf(array(U32, 3)), id: OWN }, 8, 12), [
      { at: 8, size: 4, count: 3, stride: 4 },
    ]);
    assert.deepEqual(partsOf({ btf: btf(array(CHAR, 16)), id: OWN }, 8, 16), [
      { at: 8, size: 16, count: 1, stride: 16 },
    ]);
    const table = btf(array(OWN + 1, 2), array(U32, 3));
    assert.deepEqual(partsOf({ btf: table, id: OWN }, 0, 24), [{ at: 0, size: 4, count: 6, stride: 4 }]);
  });

  it("of an array of structs are its fields, each of all elements", () => {
    const pairs = btf(
      array(OWN + 1, 4),
      struct("pair", 16, member("n", U64, 0), member("name", OWN + 2, 8)),
      array(CHAR, 8),
    );
    assert.deepEqual(partsOf({ btf: pairs, id: OWN }, 32, 64), [
      { at: 32, size: 8, count: 4, stride: 16 },
      { at: 40, size: 8, count: 4, stride: 16 },
    ]);
  });
});

const shape = (more: Partial<MapShape> = {}): MapShape => ({
  type: 1,
  keySize: 4,
  valueSize: 4,
  maxEntries: 16,
  flags: 0,
  ...more,
});
const definition = (name: string, more: Partial<MapDefinition> = {}): MapDefinition => ({
  name,
  type: "hash",
  key: U32,
  value: U32,
  keySize: 4,
  valueSize: 4,
  maxEntries: 16,
  flags: 0,
  ...more,
});
const layout = (parts: Partial<Layout>): Layout => ({
  btf: btf(),
  maps: new Map(),
  events: new Map(),
  sections: new Map(),
  ...parts,
});

/** What becomes of the map `m`. */
function fate(
  was: { readonly layout: Layout; readonly shape?: MapShape },
  now: { readonly layout: Layout; readonly shape?: MapShape },
  name = "m",
) {
  const held = new Map([[name, { layout: was.layout, shape: was.shape ?? shape() }]]);
  return fates(held, [{ name, ...(now.shape ?? shape()) }], now.layout).get(name);
}

describe("a map of an app that starts again", () => {
  const maps = (map: MapDefinition) => layout({ maps: new Map([[map.name, map]]) });

  it("is kept where definition and numbers are the same", () => {
    assert.deepEqual(fate({ layout: maps(definition("m")) }, { layout: maps(definition("m")) }), {
      kept: true,
    });
  });

  it("starts empty where key, value, events or a number are others, and says which", () => {
    const was = { layout: maps(definition("m")) };
    const why = (now: Parameters<typeof fate>[1]) => {
      const found = fate(was, now);
      return found?.kept === false ? found.why : found;
    };
    assert.equal(
      why({ layout: maps(definition("m", { value: U64 })), shape: shape({ valueSize: 8 }) }),
      "its value changed from u32 to u64",
    );
    assert.equal(why({ layout: maps(definition("m", { key: INT })) }), "its key changed from u32 to int");
    assert.equal(
      why({ layout: maps(definition("m")), shape: shape({ maxEntries: 32 }) }),
      "its max_entries changed from 16 to 32",
    );
    assert.equal(
      why({ layout: maps(definition("m", { type: "array" })), shape: shape({ type: 2 }) }),
      "its type changed from hash to array",
    );
  });

  it("that carries events starts empty where the events have another type", () => {
    const ring = (id: number): Layout => {
      const map = definition("m", { type: "ringbuf" });
      return layout({ maps: new Map([["m", map]]), events: new Map([["m", { btf: btf(), id }]]) });
    };
    assert.equal(fate({ layout: ring(U32) }, { layout: ring(U32) })?.kept, true);
    assert.deepEqual(fate({ layout: ring(U32) }, { layout: ring(U64) }), {
      kept: false,
      why: "its events changed from u32 to u64",
    });
  });

  it("that holds other maps starts empty where one of those does, as it would hold the old one", () => {
    const all = (value: number) => {
      const inner = definition("", { value });
      const outer = definition("m", { type: "hash_of_maps", value: U32, inner });
      return layout({
        maps: new Map([
          ["m", outer],
          ["one", definition("one", { value })],
        ]),
      });
    };
    const both = (was: Layout, now: Layout) => {
      const held = new Map([
        ["m", { layout: was, shape: shape({ type: 13 }) }],
        ["one", { layout: was, shape: shape() }],
      ]);
      const wanted = [
        { name: "m", ...shape({ type: 13 }) },
        { name: "one", ...shape() },
      ];
      return fates(held, wanted, now);
    };
    assert.equal(both(all(U32), all(U32)).get("m")?.kept, true);
    const changed = both(all(U32), all(INT)).get("m");
    assert.deepEqual(changed, { kept: false, why: "of its inner maps, its value changed from u32 to int" });
    const fresh = fates(
      new Map([["m", { layout: all(U32), shape: shape({ type: 13 }) }]]),
      [
        { name: "m", ...shape({ type: 13 }) },
        { name: "one", ...shape() },
      ],
      all(U32),
    );
    assert.deepEqual(fresh.get("m"), {
      kept: false,
      why: "it may hold one, which is another map from now on",
    });
  });
});

describe("a data section of an app that starts again", () => {
  const data = (
    bytes: readonly number[],
    ...variables: readonly (readonly [string, number, number, number])[]
  ) =>
    layout({
      sections: new Map([
        [
          ".data",
          {
            size: bytes.length,
            bytes: Uint8Array.from(bytes),
            variables: variables.map(([name, id, at, size]) => ({
              name,
              type: { btf: btf(), id },
              at,
              size,
            })),
          },
        ],
      ]),
    });
  const section = (was: Layout, now: Layout) => {
    const of = (one: Layout) => shape({ type: 2, maxEntries: 1, valueSize: one.sections.get(".data")!.size });
    return fate({ layout: was, shape: of(was) }, { layout: now, shape: of(now) }, ".data");
  };

  it("is kept, but for what has another initial value", () => {
    const was = data([1, 0, 0, 0, 2, 0, 0, 0], ["a", INT, 0, 4], ["b", INT, 4, 4]);
    const now = data([1, 0, 0, 0, 3, 0, 0, 0], ["a", INT, 0, 4], ["b", INT, 4, 4]);
    assert.deepEqual(section(was, now), {
      kept: true,
      parts: [
        { at: 0, size: 4, count: 1, stride: 4 },
        { at: 4, size: 4, count: 1, stride: 4 },
      ],
      edited: [{ at: 4, size: 4, count: 1, stride: 4 }],
    });
  });

  it("is laid out anew with a variable more, with the values of the others, unless those were edited", () => {
    const was = data([1, 0, 0, 0, 2, 0, 0, 0], ["a", INT, 0, 4], ["b", INT, 4, 4]);
    const now = data(
      [9, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0],
      ["x", INT, 0, 4],
      ["a", INT, 4, 4],
      ["b", INT, 8, 4],
    );
    assert.deepEqual(section(was, now), {
      kept: false,
      why: "`x` is new",
      carried: [{ from: 0, to: 4, size: 4 }],
    });
  });
});

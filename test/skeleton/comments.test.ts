import assert from "node:assert/strict";
import { test } from "node:test";
import { readComments } from "../../toolchain/src/skeleton/comments.ts";
import { generateSkeleton } from "../../toolchain/src/skeleton/index.ts";
import { fixture, fixtureSources } from "./objects.ts";

const read = (text: string) => readComments([{ path: "a.h", text }]);

test("comments before, beside and around members are found", () => {
  const { member } = read(`
struct s {
	int a; // beside
	/* before */
	int b;
	/**
	 * Two lines,
	 * in a block.
	 */
	int c, *d; /* of both */

	// one
	// after another
	int e[4];
	int f; int g; // only g's
	int (*call)(struct s *self, int n); // a pointer
	unsigned bits : 3; ///< doxygen's
};`);
  const found = (name: string) => member("s", name).join("|");
  assert.deepEqual(["a", "b", "c", "d", "e", "f", "g", "call", "bits"].map(found), [
    "beside",
    "before",
    "Two lines,|in a block.|of both",
    "Two lines,|in a block.|of both",
    "one|after another",
    "",
    "only g's",
    "a pointer",
    "doxygen's",
  ]);
});

test("a comment that stands apart, or before the closing brace, is no one's", () => {
  const { member } = read("struct s {\n\t/* section */\n\n\tint a;\n\tint b;\n\t/* the end */\n};\nint c;");
  assert.deepEqual([member("s", "a"), member("s", "b"), member("", "c")], [[], [], []]);
});

test("types, typedefs, enumerators and what is nested have theirs", () => {
  const { type, member } = read(`
/* a kind */
enum kind { ONE, /* first */ TWO = 2, // second
	/* third */ THREE };
/* a typedef */
typedef struct { int x; /* across */ } point_t;
struct outer {
	union {
		int number; // as a number
		struct { char c; /* deep */ } in;
	};
	struct { int y; /* up */ } at; // a place
};`);
  assert.deepEqual([type("kind"), type("point_t")], [["a kind"], ["a typedef"]]);
  assert.deepEqual(
    ["ONE", "TWO", "THREE"].map((name) => member("kind", name)[0]),
    ["first", "second", "third"],
  );
  assert.deepEqual(
    [member("point_t", "x"), member("outer", "number"), member("outer_at", "y"), member("outer", "at")],
    [["across"], ["as a number"], ["up"], ["a place"]],
  );
  assert.deepEqual(member("outer_in", "c"), ["deep"]);
});

test("attributes hide neither a struct nor its members", () => {
  const { member } = read(`
struct __attribute__((packed, aligned(4))) a { int x; /* one */ };
struct b { int y __attribute__((aligned(8))); /* two */ } __attribute__((packed));
struct b *make(int z /* not a member */) { return 0; }`);
  assert.deepEqual([member("a", "x"), member("b", "y"), member("b", "z")], [["one"], ["two"], []]);
});

test("globals, maps and programs have theirs, whatever macros are around them", () => {
  const { member, place } = read(`
#define MACRO(x) /* not this */ \\
	struct no { int no; };
/* how many */
const volatile int count = 3;
/* seen ones */
struct {
	__uint(type, 1);
} seen SEC(".maps");
/* on exec */
SEC("tp/x")
int BPF_PROG(handle, struct task *t)
{
	int count; /* local */
	return 0;
}`);
  assert.deepEqual(
    [member("", "count"), member("", "seen"), member("", "handle")],
    [["how many"], ["seen ones"], ["on exec"]],
  );
  assert.deepEqual(place("", "count"), { path: "a.h", line: 5 });
  assert.deepEqual(member("no", "no"), []);
});

test("licences are not documentation, and a comment cannot end ours", () => {
  const { member } = read("// SPDX-License-Identifier: MIT\nint a;\nint b; // a trick: * /");
  assert.deepEqual([member("", "a"), member("", "b")], [[], ["a trick: * /"]]);
  const object = fixture("events");
  const sources = [{ path: "x.h", text: "struct event {\n// ends */ here\nint pid;\n};" }];
  assert.match(generateSkeleton({ name: "events", object, sources }), /\/\*\* ends \*\\\/ here \*\//);
});

test("text that is no C is passed over", () => {
  for (const text of [
    "struct {",
    "/* no end",
    '"no end',
    "}}}}",
    "struct s { struct s {".repeat(5000),
    "(".repeat(50_000),
  ])
    assert.deepEqual(read(text).member("s", "a"), []);
});

test("a skeleton has the comments of its sources", () => {
  const text = generateSkeleton({
    name: "events",
    object: fixture("events"),
    sources: fixtureSources("events.h", "events.bpf.c"),
  });
  for (const [comment, line] of [
    ["process id", "pid: number;"],
    ["as wait() reports it", "exit_code: number;"],
    ["by fork or exec", "BORN: 0,"],
    ["shorter processes are not told of", "get min_duration_ns(): bigint {"],
    ["When each process began.", "readonly exec_start: HashMap<number, bigint>;"],
  ] as const)
    assert.ok(text.replace(/\n\s+/g, "\n").includes(`/** ${comment} */\n${line}`), comment);
  assert.match(text, / \* A process came or went\.\n \*\/\nexport interface event \{/);
});

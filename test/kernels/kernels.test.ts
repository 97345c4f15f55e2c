import assert from "node:assert/strict";
import { test } from "node:test";
import { mirrorsFrom, parseRecords, parseUris } from "./apt.ts";
import { dependencies } from "./extract.ts";
import { choose, compareVersions, type Wanted } from "./kernels.ts";

const want = (version: string): Wanted => ({ version, release: "trixie" });
const serve = (...names: string[]) => names.map((name) => ({ name, version: "1" }));
const image = (abi: string) => `linux-image-${abi}-cloud-amd64`;

test("the newest kernel of a version is chosen, by number and not by letter", () => {
  const { choices } = choose(
    [want("6.12")],
    serve(image("6.12.94+deb13"), image("6.12.107+deb13"), image("6.1.0-50")),
  );
  assert.equal(choices[0]?.abi, "6.12.107+deb13");
  assert.equal(choices[0]?.note, undefined);
});

test("rebuilds for another release, debug and unsigned packages are passed over", () => {
  const { choices } = choose(
    [want("6.1")],
    serve(
      image("6.1.0-0.deb11.52"),
      image("6.1.0-47"),
      `${image("6.1.0-99")}-dbg`,
      `${image("6.1.0-98")}-unsigned`,
    ),
  );
  assert.deepEqual(
    choices.map((c) => c.abi),
    ["6.1.0-47"],
  );
});

test("a version that is gone is replaced by the nearest one that is not in the table, and that is said", () => {
  const served = serve(image("6.16.3+deb13"), image("6.18.9+deb13"), image("7.4.1+deb13"));
  const { choices, notes } = choose([want("6.16"), want("6.17"), want("6.18"), want("6.19")], served);
  assert.deepEqual(
    choices.map((c) => [c.wanted, c.version]),
    [
      ["6.16", "6.16"],
      ["6.17", "7.4"],
      ["6.18", "6.18"],
    ],
  );
  assert.match(choices[1]?.note ?? "", /no 6\.17 kernel any more; 7\.4 instead/);
  assert.equal(notes.length, 1);
  assert.match(notes[0] ?? "", / 6\.19 /);
});

test("a kernel that stands in for one of a release that is gone has the libraries of the newest release", () => {
  const { choices } = choose([{ version: "5.10", release: "bullseye" }], serve(image("6.4.1+deb13")));
  assert.deepEqual([choices[0]?.version, choices[0]?.release], ["6.4", "trixie"]);
});

test("a split kernel takes its parts, and says so when its modules are gone", () => {
  const parts = (abi: string, ...names: string[]) =>
    serve(...names.map((name) => `linux-${name}-${abi}-cloud-amd64`));
  const served = [
    ...parts("7.1.13+deb13", "image", "binary"),
    ...parts("7.2.12+deb13", "image", "binary", "modules"),
  ];
  const { choices } = choose([want("7.1"), want("7.2")], served);
  assert.equal(choices[0]?.packages.length, 2);
  assert.match(choices[0]?.note ?? "", /no modules/);
  assert.equal(choices[1]?.packages.length, 3);
  assert.equal(choices[1]?.note, undefined);
});

test("versions compare by their numbers", () => {
  assert.ok(compareVersions("6.9", "6.12") < 0);
  assert.ok(compareVersions("7.0", "6.19") > 0);
  assert.ok(compareVersions("6.1.0-0.deb11.52", "6.1.0-50") < 0);
  assert.equal(compareVersions("5.10", "5.10"), 0);
});

test("the machine's own mirrors are taken, and it is an error if it names none", () => {
  const deb822 = "Types: deb\nURIs: https://mirror.example/pub/debian/\nSuites: bookworm\n";
  const list =
    "deb [arch=amd64] http://sec.example/debian-security bookworm-security main\n# deb http://no/debian x";
  assert.deepEqual(mirrorsFrom([deb822, list]), {
    main: "https://mirror.example/pub/debian",
    security: "http://sec.example/debian-security",
  });
  assert.throws(
    () => mirrorsFrom(["deb https://packages.example/node nodistro main"]),
    /no archive of Debian/,
  );
});

test("apt's records and URIs are read", () => {
  assert.deepEqual(parseRecords("Package: a\nVersion: 1-2\nDepends: b\n\nPackage: c\nVersion: 3\n"), [
    { name: "a", version: "1-2" },
    { name: "c", version: "3" },
  ]);
  const hash = "0123456789abcdef".repeat(4);
  assert.deepEqual(
    parseUris(
      `'http://x/pool/libc6_2.31%2bdeb_amd64.deb' libc6_2.31+deb_amd64.deb 282 SHA256:${hash}\nnoise`,
    ),
    [{ name: "libc6", sha256: hash }],
  );
});

test("a module's dependencies are read from its .modinfo", () => {
  assert.deepEqual(dependencies(Buffer.from("\x7fELF..license=GPL\0depends=jbd2,crc16\0name=ext4\0")), [
    "jbd2",
    "crc16",
  ]);
  assert.deepEqual(dependencies(Buffer.from("\0depends=\0name=veth\0")), []);
});

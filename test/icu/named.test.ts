import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { localesNamed } from "../../toolchain/src/icu/named.ts";

const NOTHING = { literals: [], dynamic: false, doubts: [], converters: false, temporal: false };
const dynamic = (source: string) => localesNamed(source).dynamic;

describe("the locales that a bundle names", () => {
  const named: readonly (readonly [source: string, literals: readonly string[]])[] = [
    ["new Intl.NumberFormat('de').format(1)", ["de"]],
    ["Intl.Collator(['sv', 'da']).compare", ["da", "sv"]],
    ["date.toLocaleDateString(`fr`, options)", ["fr"]],
    ["date?.toLocaleString?.('it')", ["it"]],
    ["date['toLocaleTimeString']('es')", ["es"]],
    ["a.localeCompare(b, 'tr')", ["tr"]],
    ["Intl.DateTimeFormat.supportedLocalesOf(['pl'])", ["pl"]],
    ["new Intl.Locale('ja')", ["ja"]],
    ["n.toLocaleString(german ? 'de' : 'en')", ["de", "en"]],
    ["n.toLocaleString('no locale at all')", []],
    ["await using file = open(); file.at.toLocaleString('nl')", ["nl"]],
  ];
  for (const [source, literals] of named)
    it(`are found in ${source}`, () => {
      assert.deepEqual(localesNamed(source), { ...NOTHING, literals });
    });

  const none = [
    "number.toLocaleString()",
    "number.toLocaleString(undefined, { minimumFractionDigits: 2 })",
    "number.toLocaleString(void 0)",
    "a.localeCompare(b)",
    "new Intl.DateTimeFormat().format()",
    "typeof Intl === 'object' && Intl.Segmenter ? new Intl.Segmenter() : undefined",
    "Intl.supportedValuesOf('timeZone')",
    "text.toLocaleUpperCase('tr')",
    "class Row { toLocaleString() { return ''; } }",
    "Row.prototype.toLocaleString = function () {};",
    "Function('return this')()",
    "import { isMainThread } from 'node:worker_threads'; isMainThread;",
    "return 1;",
  ];
  for (const source of none)
    it(`are none in ${source}`, () => {
      assert.deepEqual(localesNamed(source), NOTHING);
    });

  const unknown = [
    "new Intl.NumberFormat(locale)",
    "new Intl.NumberFormat(...all)",
    "new Intl[name]('de')",
    "const { NumberFormat } = Intl;",
    "globalThis.Intl",
    "globalThis['Intl']",
    "make(Intl.NumberFormat)",
    "x instanceof Intl.NumberFormat",
    "number.toLocaleString(locale)",
    "number.toLocaleString.call(number, 'de')",
    "a.localeCompare(b, ...rest)",
    "const { toLocaleString } = Number.prototype;",
    `date[\`toLocale\${part}String\`]()`,
    "date['toLocale' + part]()",
    "sort(text['localeCompare'])",
    "eval(text)",
    "new Function('a', body)",
    "new Worker(file)",
    "new threads.Worker(file)",
    "import vm from 'node:vm';",
    "process.getBuiltinModule('vm')",
    "import(plugin)",
    "this is no JavaScript",
  ];
  for (const source of unknown)
    it(`may be others in ${source}`, () => {
      assert.equal(dynamic(source), true);
    });

  it("are in doubt because of code that is shown", () => {
    const source =
      "const a = new Intl.NumberFormat(locale);\nb.toLocaleString(c);\nuse(Intl);\nawait import(d);";
    const doubts = ["b.toLocaleString(c)", "import(d)", "new Intl.NumberFormat(locale)", "use(Intl)"];
    assert.deepEqual([...localesNamed(source).doubts].sort(), doubts);
  });

  it("do not have to do with how deep an expression is, up to where nobody writes any", () => {
    const deep = (count: number) => `x = ${Array(count).fill("a").join(" + ")};`;
    assert.equal(dynamic(deep(1000)), false);
    assert.equal(dynamic(deep(100_000)), true);
  });
});

describe("the encodings that a bundle may decode", () => {
  const without = [
    "new TextDecoder()",
    "new TextDecoder('UTF-8', { fatal: true })",
    "new util.TextDecoder(`latin1`)",
    "new TextDecoder('utf-16le')",
    "import { TextDecoder } from 'node:util'; new TextDecoder()",
    "const { TextDecoder } = require('util'); new TextDecoder()",
    "typeof TextDecoder === 'function'",
    "x instanceof TextDecoder",
    "({ TextDecoder: 1 })",
    "new TextDecoderStream()",
  ];
  for (const source of without)
    it(`need no table in ${source}`, () => {
      assert.equal(localesNamed(source).converters, false);
    });

  const needed = [
    "new TextDecoder('shift_jis')",
    "new TextDecoder(label)",
    "new TextDecoder(...args)",
    "const Decoder = TextDecoder;",
    "import { TextDecoder as Decoder } from 'node:util'; new Decoder('big5')",
    "new util['TextDecoder']('gbk')",
    "make(util.TextDecoder)",
    "new TextDecoderStream('euc-kr')",
  ];
  for (const source of needed)
    it(`may need one in ${source}`, () => {
      assert.equal(localesNamed(source).converters, true);
    });
});

describe("Temporal", () => {
  it("is seen where it is used", () => {
    assert.equal(localesNamed("Temporal.Now.instant()").temporal, true);
    assert.equal(localesNamed("globalThis.Temporal").temporal, true);
  });
});

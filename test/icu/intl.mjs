// Asks Intl, String and the others that stand on ICU's data thousands of things, and prints for each group how many
// there were and a hash over all answers: node intl.mjs LOCALE,… [GROUP]. With a group's name, its answers themselves.
// STRIDE=N asks one in N, PHASE says which. Plain JavaScript, because any Node runs it, an emulated one too.
import { transcode } from "node:buffer";
import { createHash } from "node:crypto";

const [locales = "en", group, dictionaries = ""] = process.argv.slice(2);
const LOCALES = locales.split(",");
const COLLATIONS = [
  "compat",
  "emoji",
  "eor",
  "phonebk",
  "pinyin",
  "searchjl",
  "stroke",
  "trad",
  "unihan",
  "zhuyin",
];
const DATES = [0, 951782400000, 1719835200000, 1735689599999, -2208988800000].map((ms) => new Date(ms));
const NUMBERS = [0, 1, 2, 5, 11, 21, -3.5, 1234.567, 1e6, 1.5e9, 0.00012, Number.NaN, 123456789012345680000n];
const WORDS =
  "a A á ä Ä ae z Z zz å ö ø o ñ n ch c č ć dž d lj l ss ß s i ı I İ 1 2 10 _ - а б ё е я α ά ω א ب ا ت क ख ก ข 一 二 三 あ ア か が ㄱ 가 나 👍 ～ ㋿".split(
    " ",
  );
const TEXTS = [
  "Mr. Smith bought it for 3.50 USD. Did he mind? “No,” he said; he didn’t (at all)... 👩‍👩‍👧‍👦 e\u0301 🇩🇪🇫🇷",
  "Das ist z.B. ein Satz. Der Präsident, d.h. er, kam. Übrigens: naïve café.",
  "Το σχολείο είναι εδώ; Ναι. Привет, мир! Это т.е. пример. שלום עולם. مرحبا بالعالم.",
];
const MORE_TEXTS = {
  th: "สวัสดีชาวโลก ภาษาไทยเขียนติดกันโดยไม่เว้นวรรค",
  zh: "我们今天去北京大学学习汉语。東京都に住んでいます。カタカナとひらがな",
};
const texts = [...TEXTS, ...dictionaries.split(",").flatMap((language) => MORE_TEXTS[language] ?? [])];

/** The answer, or the name of the error that it was. */
function answer(ask) {
  try {
    return String(ask());
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

const { STRIDE = "1", PHASE = "0" } = process.env;
/** Some of a list, as STRIDE says. */
const some = (list) => list.filter((_, index) => (index + Number(PHASE)) % Number(STRIDE) === 0);
const range = (end, step = 1) => Array.from({ length: Math.ceil(end / step) }, (_, index) => index * step);
const values = (key) => answerList(() => Intl.supportedValuesOf(key));
function answerList(ask) {
  try {
    return ask();
  } catch {
    return [];
  }
}

const parts = (formatter, value) => JSON.stringify(formatter.formatToParts(value));
const hash = (text) => createHash("sha1").update(text).digest("hex");
/** What has to do with one locale. */
const GROUPS = {
  *zones(locale) {
    for (const timeZone of [...some(values("timeZone")), "EST5EDT", "+05:30"])
      for (const timeZoneName of [
        "short",
        "long",
        "shortOffset",
        "longOffset",
        "shortGeneric",
        "longGeneric",
      ]) {
        const format = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName });
        yield* [DATES[1], DATES[2]].map((date) => format.format(date));
      }
  },
  *dates(locale) {
    const styles = ["full", "long", "medium", "short"];
    for (const calendar of some(values("calendar")))
      for (const dateStyle of styles)
        for (const timeStyle of [undefined, ...styles]) {
          const format = new Intl.DateTimeFormat(locale, { calendar, dateStyle, timeStyle, timeZone: "UTC" });
          yield* DATES.map((date) => parts(format, date));
          yield answer(() => format.formatRange(DATES[1], DATES[2]));
        }
  },
  *skeletons(locale) {
    for (const month of some(["numeric", "2-digit", "short", undefined, "long", "narrow"]))
      for (const weekday of [undefined, "short", "long", "narrow"])
        for (const hour of [undefined, "numeric"])
          for (const more of [
            {},
            { era: "short" },
            { dayPeriod: "long" },
            { hourCycle: "h23", fractionalSecondDigits: 2 },
          ]) {
            const format = new Intl.DateTimeFormat(locale, {
              month,
              weekday,
              hour,
              day: "numeric",
              year: "numeric",
              timeZone: "Asia/Tokyo",
              ...more,
            });
            yield* DATES.map((date) => format.format(date));
            yield format.formatRange(DATES[0], DATES[2]);
          }
  },
  *currencies(locale) {
    for (const currency of some(values("currency")))
      for (const currencyDisplay of ["symbol", "code", "name", "narrowSymbol"])
        for (const currencySign of ["standard", "accounting"]) {
          const format = new Intl.NumberFormat(locale, {
            style: "currency",
            currency,
            currencyDisplay,
            currencySign,
          });
          yield* [1, -2345.678].map((number) => format.format(number));
        }
  },
  *numbers(locale) {
    const styles = [{}, { style: "percent" }, { notation: "scientific" }, { notation: "engineering" }];
    const compact = ["short", "long"].map((compactDisplay) => ({ notation: "compact", compactDisplay }));
    for (const numberingSystem of some(values("numberingSystem")))
      for (const options of [...styles, ...compact, { useGrouping: "min2" }, { signDisplay: "always" }]) {
        const format = new Intl.NumberFormat(locale, { numberingSystem, ...options });
        yield* NUMBERS.map((number) => parts(format, number));
      }
  },
  *units(locale) {
    for (const one of some(values("unit")))
      for (const unit of [one, `${one}-per-second`])
        for (const unitDisplay of ["short", "long", "narrow"]) {
          const format = new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay });
          yield* [0, 1, 2, 5, 21.5].map((number) => format.format(number));
        }
  },
  *names(locale) {
    const letters = "abcdefghijklmnopqrstuvwxyz".split("");
    const pairs = letters.flatMap((a) => letters.map((b) => a + b));
    const codes = {
      language: [...some(pairs), "zh-Hant", "en-GB", "de-AT", "pt-BR", "fil", "haw", "yue", "sr-Latn", "nds"],
      region: [...some(pairs).map((pair) => pair.toUpperCase()), "001", "150", "419"],
      script: ["Latn", "Cyrl", "Arab", "Hans", "Hant", "Thai", "Deva", "Brai", "Zzzz"],
      currency: values("currency"),
      calendar: values("calendar"),
      dateTimeField: [
        "era",
        "year",
        "quarter",
        "month",
        "weekOfYear",
        "weekday",
        "day",
        "dayPeriod",
        "hour",
        "second",
        "timeZoneName",
      ],
    };
    for (const [type, all] of Object.entries(codes))
      for (const style of ["long", "short", "narrow"])
        for (const languageDisplay of ["dialect", "standard"]) {
          const names = new Intl.DisplayNames(locale, { type, style, languageDisplay });
          yield* all.map((code) => answer(() => names.of(code)));
        }
  },
  *relative(locale) {
    const units = ["second", "minute", "hour", "day", "week", "month", "quarter", "year"];
    for (const style of ["long", "short", "narrow"])
      for (const numeric of ["always", "auto"]) {
        const format = new Intl.RelativeTimeFormat(locale, { style, numeric });
        for (const unit of units) yield* [-2, -1, 0, 1, 2, 5, 1.5].map((value) => format.format(value, unit));
      }
  },
  *lists(locale) {
    for (const type of ["conjunction", "disjunction", "unit"])
      for (const style of ["long", "short", "narrow"]) {
        const format = new Intl.ListFormat(locale, { type, style });
        yield* [1, 2, 3, 4].map((count) => format.format(WORDS.slice(0, count)));
      }
  },
  *durations(locale) {
    if (!Intl.DurationFormat) return;
    for (const style of ["long", "short", "narrow", "digital"])
      yield new Intl.DurationFormat(locale, { style }).format({
        years: 1,
        months: 2,
        days: 1,
        hours: 3,
        minutes: 4,
        seconds: 5,
        milliseconds: 6,
      });
  },
  *sorting(locale) {
    for (const collation of [undefined, ...some(COLLATIONS)])
      for (const sensitivity of ["base", "accent", "case", "variant"])
        for (const usage of ["sort", "search"])
          for (const more of [{}, { numeric: true, caseFirst: "upper" }, { ignorePunctuation: true }]) {
            const collator = new Intl.Collator(locale, { collation, sensitivity, usage, ...more });
            yield [...WORDS].sort(collator.compare).join();
            yield JSON.stringify(collator.resolvedOptions());
          }
    yield [...WORDS].sort((a, b) => a.localeCompare(b, locale)).join();
  },
  *segments(locale) {
    for (const granularity of ["grapheme", "word", "sentence"])
      for (const text of texts)
        yield JSON.stringify(
          [...new Intl.Segmenter(locale, { granularity }).segment(text)].map((one) => [
            one.segment,
            one.isWordLike,
          ]),
        );
  },
  *other(locale) {
    yield new Date(0).toLocaleString(locale, { timeZone: "UTC" });
    yield (1234.5).toLocaleString(locale);
    yield [1.5, DATES[0]].toLocaleString(locale, { timeZone: "UTC" });
    yield "iıİI ŉ ß ǆ άΐ".toLocaleUpperCase(locale) + "IİI\u0307 ΑΣ".toLocaleLowerCase(locale);
    const about = new Intl.Locale(locale);
    for (const key of [
      "Calendars",
      "Collations",
      "HourCycles",
      "NumberingSystems",
      "TimeZones",
      "TextInfo",
      "WeekInfo",
    ])
      yield JSON.stringify(about[`get${key}`]?.() ?? about[key[0].toLowerCase() + key.slice(1)]);
    for (const service of [
      "DateTimeFormat",
      "NumberFormat",
      "Collator",
      "PluralRules",
      "ListFormat",
      "RelativeTimeFormat",
      "DisplayNames",
      "Segmenter",
    ])
      yield JSON.stringify(
        new Intl[service](locale, {
          type: service === "DisplayNames" ? "region" : undefined,
        }).resolvedOptions(),
      );
  },
};

/** What has to do with no locale, or works for those that are left out too. */
const GENERAL = {
  *normalised() {
    for (const form of ["NFC", "NFD", "NFKC", "NFKD"])
      for (const block of some(range(0x30000, 0x100))) {
        let text = "";
        for (let code = block; code < block + 0x100; code++)
          if (code < 0xd800 || code > 0xdfff) text += String.fromCodePoint(code);
        yield text.normalize(form);
      }
  },
  *cased() {
    for (const locale of ["tr", "az", "lt", "el", "de", "nl", "en"])
      for (const code of some(range(0x1e944))) {
        const letter = code < 0xd800 || code > 0xdfff ? String.fromCodePoint(code) : "";
        yield letter.toLocaleUpperCase(locale) + letter.toLocaleLowerCase(locale);
      }
  },
  *properties() {
    const all = [
      "L",
      "Lu",
      "Nd",
      "P",
      "Sc",
      "Alphabetic",
      "Emoji",
      "Extended_Pictographic",
      "ID_Start",
      "Changes_When_NFKC_Casefolded",
      "Script=Thai",
      "Script_Extensions=Arab",
      "White_Space",
      "Uppercase",
      "Lowercase",
      "Ideographic",
    ];
    const sets = ["RGI_Emoji", "Emoji_Keycap_Sequence", "RGI_Flag_Emoji_Tag_Sequence", "Basic_Emoji"];
    for (const property of all) {
      const regex = new RegExp(`\\p{${property}}`, "iu");
      for (const code of some(range(0x20000, 3))) yield regex.test(String.fromCodePoint(code)) ? "1" : "0";
    }
    for (const property of sets)
      yield* [...TEXTS.join(""), "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}", "1️⃣", "👩‍🚀"].map(
        (text) => answer(() => new RegExp(`^\\p{${property}}$`, "v").test(text)),
      );
  },
  *hosts() {
    for (const host of [
      "bücher.de",
      "faß.de",
      "例え.テスト",
      "xn--bcher-kva.de",
      "ＧＯ.com",
      "a‌b.com",
      "مثال.إختبار",
      "☕.example",
    ])
      yield answer(() => new URL(`http://${host}/`).host);
  },
  *plurals() {
    const all =
      "af ar be br cs cy da de en es fr ga gv he is ja ko lt lv mk mt pl pt pt-PT ru sl sv uk zh".split(" ");
    for (const locale of some(all))
      for (const type of ["cardinal", "ordinal"]) {
        const rules = new Intl.PluralRules(locale, { type });
        for (let number = 0; number < 130; number++) yield rules.select(number);
        yield* [0.5, 1.5, 2.25, 1e6].map((number) => rules.select(number));
        yield answer(() => rules.selectRange(1, 2)) + answer(() => rules.selectRange(0, 1));
      }
  },
  *tags() {
    for (const locale of [
      "iw",
      "no",
      "sr-YU",
      "zh-TW",
      "sh",
      "cmn",
      "en-u-ca-gregory",
      "und-Thai",
      "art-lojban",
      "de-DD",
    ]) {
      yield answer(() => Intl.getCanonicalLocales(locale));
      yield answer(() => new Intl.Locale(locale).maximize());
      yield answer(() => new Intl.Locale(locale).minimize());
    }
    for (const key of ["calendar", "currency", "numberingSystem", "timeZone", "unit"])
      yield values(key).join();
  },
  *encodings() {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    for (const label of ["utf-8", "utf-16le", "utf-16be", "latin1", "windows-1252", "ascii"]) {
      yield answer(() => new TextDecoder(label).decode(bytes));
      yield answer(() => new TextDecoder(label, { fatal: true }).decode(bytes));
      yield answer(() => new TextDecoder(label).decode(bytes.subarray(0, 7), { stream: true }));
    }
    for (const from of ["utf8", "utf16le", "latin1", "ascii"])
      for (const to of ["utf8", "utf16le", "latin1", "ascii"])
        yield answer(() => transcode(Buffer.from("aä€漢", from), from, to).toString("hex"));
  },
};

function show(name, answers) {
  const all = [...answers];
  if (group === name) console.log(all.join("\n"));
  else if (!group) console.log(`${name}\t${all.length}\t${hash(all.join("\n"))}`);
}

for (const [name, ask] of Object.entries(GENERAL)) if (!group || group === name) show(name, ask());
for (const locale of LOCALES)
  for (const [name, ask] of Object.entries(GROUPS))
    if (!group || group === `${locale} ${name}`) show(`${locale} ${name}`, ask(locale));

// The class below is written into apps as text, and so it stands on nothing but JavaScript and Node.
import type { GuardFacts } from "./guard.ts";

type Locales = Intl.LocalesArgument;
type Method = (...args: unknown[]) => unknown;

/** Makes requests for locales that were left out of an app's file throw, and says when the machine's own is one. */
export class LocaleGuard {
  readonly facts: GuardFacts;
  readonly left: ReadonlySet<string>;
  /** Requests of one locale that were found good: most programs ask for the same one again and again. */
  readonly good = new Set<unknown>();
  /** The machine's locale, once it was looked at, and what of it was left out. */
  here: string | undefined = undefined;
  missingHere: string | undefined = undefined;
  said = false;
  /** Intl's own constructor, before it is guarded. */
  readonly NumberFormat = Intl.NumberFormat;

  constructor(facts: GuardFacts) {
    this.facts = facts;
    this.left = new Set(facts.left);
  }

  install(): void {
    for (const name of [
      ...["DateTimeFormat", "NumberFormat", "Collator", "RelativeTimeFormat"],
      ...["ListFormat", "DisplayNames", "Segmenter", "DurationFormat"],
    ])
      this.guardConstructor(name);
    this.guardMethods(Date.prototype, ["toLocaleString", "toLocaleDateString", "toLocaleTimeString"], 0);
    this.guardMethods(Number.prototype, ["toLocaleString"], 0);
    this.guardMethods(BigInt.prototype, ["toLocaleString"], 0);
    this.guardMethods(String.prototype, ["localeCompare"], 1);
    this.guardAbout();
    this.guardWords();
    this.guardZoneNames();
    const temporal = this.facts.temporal ? (globalThis as { Temporal?: object }).Temporal : undefined;
    for (const name of temporal ? Object.getOwnPropertyNames(temporal) : []) {
      const type = (temporal as Record<string, { prototype?: object } | undefined>)[name];
      if (type?.prototype) this.guardMethods(type.prototype, ["toLocaleString"], 0);
    }
  }

  /** A proxy has the name, the length, the prototype and the static members of what it stands for. */
  guardConstructor(name: string): void {
    const original = (Intl as unknown as Record<string, (Method & { prototype: object }) | undefined>)[name];
    if (!original) return;
    const guarded = new Proxy(original, {
      construct: (target, args, newTarget) => Reflect.construct(target, this.checked(args, 0), newTarget),
      apply: (target, that, args) => Reflect.apply(target, that, this.checked(args, 0)),
    });
    this.replace(Intl, name, guarded);
    this.replace(original.prototype, "constructor", guarded);
  }

  guardMethods(owner: object, names: readonly string[], at: number): void {
    for (const name of names)
      this.wrap(owner, name, (method, that, args) => Reflect.apply(method, that, this.checked(args, at)));
  }

  /** The only facts about a locale that are not in tables for all of them. */
  guardAbout(): void {
    const names = ["getCollations", "getNumberingSystems", "collations", "numberingSystems"];
    for (const name of names)
      this.wrap(Intl.Locale.prototype, name, (method, that, args) => {
        const missing = that instanceof Intl.Locale ? this.missing(that.baseName) : undefined;
        if (missing !== undefined) throw this.refused(missing);
        return Reflect.apply(method, that, args);
      });
  }

  /** Words of some scripts are found by dictionaries: without one, each letter would be a word. */
  guardWords(): void {
    const { resolvedOptions } = Intl.Segmenter.prototype;
    const scripts = Object.entries(this.facts.scripts);
    if (scripts.length === 0) return;
    const pattern = (names: readonly string[]) =>
      new RegExp(names.map((name) => `\\p{Script=${name}}`).join("|"), "u");
    let all: RegExp | undefined;
    this.wrap(Intl.Segmenter.prototype, "segment", (method, that, args) => {
      // A symbol is no text, and is refused by the method itself.
      if (typeof args[0] === "symbol") return Reflect.apply(method, that, args);
      const text = String(args[0]);
      all ??= pattern(scripts.flatMap(([, names]) => names));
      if (all.test(text) && Reflect.apply(resolvedOptions, that, []).granularity === "word") {
        const [language = ""] = scripts.find(([, names]) => pattern(names).test(text)) ?? [];
        throw this.error(`the dictionary to find words of ${language}`, language);
      }
      return Reflect.apply(method, that, [text]);
    });
  }

  /** A date's own text is English but for the name of the time zone, which is in the language of the machine. */
  guardZoneNames(): void {
    const DateTimeFormat = Intl.DateTimeFormat;
    let format: Intl.DateTimeFormat | undefined;
    for (const name of ["toString", "toTimeString"])
      this.wrap(Date.prototype, name, (method, that, args) => {
        const text = Reflect.apply(method, that, args) as string;
        if (!text.endsWith(")") || this.machine() === undefined) return text;
        format ??= new DateTimeFormat("en-US", { timeZoneName: "long" });
        const zone = format.formatToParts(that as Date).find(({ type }) => type === "timeZoneName")?.value;
        return text.replace(/\(.*\)$/, () => `(${zone})`);
      });
  }

  wrap(owner: object, name: string, call: (method: Method, that: unknown, args: unknown[]) => unknown): void {
    const found = Object.getOwnPropertyDescriptor(owner, name);
    const proxy = (method: Method) => new Proxy(method, { apply: call });
    if (found?.get) Object.defineProperty(owner, name, { ...found, get: proxy(found.get) as () => unknown });
    else if (typeof found?.value === "function") this.replace(owner, name, proxy(found.value));
  }

  replace(owner: object, name: string, value: unknown): void {
    Object.defineProperty(owner, name, { ...Object.getOwnPropertyDescriptor(owner, name), value });
  }

  /**
   * The arguments as they are, or without locales that were left out where others are there, or with English in place of
   * the machine's. @throws RangeError
   */
  checked(args: unknown[], at: number): unknown[] {
    const locales = args[at];
    if (locales === undefined) return this.machine() === undefined ? args : this.inEnglish(args, at);
    if (this.good.has(locales)) return args;
    const asked = this.canonical(locales as Locales);
    // What is no list of locales is refused by the one who is called.
    if (asked === undefined) return args;
    const missing = asked.map((tag) => this.missing(tag));
    const first = missing.find((tag) => tag !== undefined);
    const others = asked.filter((_, index) => missing[index] === undefined);
    const supported = this.NumberFormat.supportedLocalesOf(others).length > 0;
    if (supported && first === undefined && typeof locales === "string" && this.good.size < 100)
      this.good.add(locales);
    if (supported) return first === undefined ? args : this.replaced(args, at, others);
    if (first !== undefined) throw this.refused(first);
    return this.machine() === undefined ? args : this.inEnglish(args, at);
  }

  inEnglish(args: unknown[], at: number): unknown[] {
    this.say();
    return this.replaced(args, at, "en-US");
  }

  replaced(args: unknown[], at: number, locales: string | string[]): unknown[] {
    const changed = [...args];
    changed[at] = locales;
    return changed;
  }

  canonical(locales: Locales): string[] | undefined {
    try {
      return Intl.getCanonicalLocales(locales as string | string[]);
    } catch {
      return undefined;
    }
  }

  /** The locale that was left out and has the data that this one needs, or undefined. */
  missing(tag: string): string | undefined {
    const parts = tag.split(/-[a-z0-9]-/)[0]?.split("-") ?? [];
    for (let count = parts.length; count > 0; count--) {
      const shorter = parts.slice(0, count).join("-");
      if (this.left.has(shorter)) return shorter;
    }
    return undefined;
  }

  /** The part of the machine's locale that was left out, or undefined if it is there. Looked at when first needed. */
  machine(): string | undefined {
    if (this.here === undefined) {
      this.here = new this.NumberFormat().resolvedOptions().locale;
      this.missingHere = this.missing(this.here);
    }
    return this.missingHere;
  }

  say(): void {
    if (this.said || this.missingHere === undefined) return;
    this.said = true;
    const { message } = this.refused(this.missingHere);
    process.stderr.write(
      `The locale of this machine is ${this.here}, and English is used instead. ${message}\n`,
    );
  }

  refused(missing: string): RangeError {
    return this.error(`the locale data of ${missing}`, missing);
  }

  error(what: string, locale: string): RangeError {
    const asked = [...this.facts.asked, locale].join(",");
    return new RangeError(
      `This program was built without ${what}, to make its file smaller. To have it in the file, build with LOCALES=${asked}, or with LOCALES=all for every locale.`,
    );
  }
}

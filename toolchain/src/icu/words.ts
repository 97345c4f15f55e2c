import type { Wording } from "../base/wording.ts";
import type { IcuFailure } from "./failures.ts";

export function icuWords(f: IcuFailure): Wording {
  switch (f.kind) {
    case "icu-damaged":
      return {
        what: "The locale data inside this Node cannot be read.",
        why: `It contradicts itself: ${f.what}.`,
        next: "Install Node again (npm ci), or keep its data as it is: npm run build -- LOCALES=all",
      };
    case "icu-unsupported":
      return {
        what: "The locale data inside this Node has a format that this version does not know.",
        why: `It is ${f.what}.`,
        next: "Keep the data as it is: npm run build -- LOCALES=all",
      };
    case "icu-not-a-locale":
      return {
        what: `LOCALES names ${JSON.stringify(f.locale)}, which is no locale.`,
        why: "A locale is a language, and a script or a region where that matters: de, pt-BR, zh-Hant.",
        next: "Name the locales with commas between them: npm run build -- LOCALES=de,fr",
      };
    case "icu-no-such-locale":
      return {
        what: `LOCALES names ${f.locale}, for which this Node has no data.`,
        ...(f.nearest === undefined ? {} : { why: `The nearest name that it has is ${f.nearest}.` }),
        next: `Name another one: npm run build -- LOCALES=${f.nearest ?? "de,fr"}`,
      };
  }
}

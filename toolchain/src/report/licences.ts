import type { Licences } from "../inspect/noted.ts";
import type { Notice } from "../inspect/notices.ts";
import type { Paint } from "./paint.ts";
import { table } from "./table.ts";

const KINDS: Readonly<Record<Notice["kind"], string>> = {
  app: "the app itself",
  node: "runs it",
  library: "linked into it",
  package: "its code is in it",
};

/** The licences of what is in an executable: a table of all, and then their texts. */
export function licencesText({ file, notices }: Licences, paint: Paint): string {
  const rows = notices.map(({ kind, name, version, licence }) => [
    name,
    version ?? "",
    licence ?? "licence unknown",
    KINDS[kind],
  ]);
  const bodies = notices.map((notice) => `\n${paint("bold", `── ${heading(notice)}`)}\n\n${body(notice)}`);
  return `${paint("bold", file)} holds:\n${table(rows)}${bodies.join("")}`;
}

function heading({ name, version, licence }: Notice): string {
  return `${[name, version].filter(Boolean).join(" ")}${licence === undefined ? "" : ` (${licence})`}`;
}

function body({ texts, missing }: Notice): string {
  if (texts.length === 0) return `${missing ?? "There is no licence text."}\n`;
  if (texts.length === 1) return texts[0]?.text ?? "";
  return texts.map(({ file, text }) => `[${file}]\n\n${text}`).join("\n");
}

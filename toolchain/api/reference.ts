import {
  ApiClass,
  type ApiDeclaredItem,
  ApiDocumentedItem,
  ApiInterface,
  type ApiItem,
  ApiItemKind,
  type ApiPackage,
} from "@microsoft/api-extractor-model";
import { anchor, firstSentence, markdown } from "./text.ts";

/** The chapters of a page, by the kinds of what they hold. */
const CHAPTERS: readonly (readonly [title: string, kinds: readonly ApiItemKind[]])[] = [
  ["Functions", [ApiItemKind.Function]],
  ["Classes", [ApiItemKind.Class]],
  ["Interfaces and types", [ApiItemKind.Interface, ApiItemKind.TypeAlias]],
  ["Constants", [ApiItemKind.Variable]],
];

/** One page about an entry point: a table of what it exports, then each export with its members. */
export function reference(name: string, api: ApiPackage): string {
  const items = api.entryPoints[0]!.members.filter(isExported);
  const chapters = CHAPTERS.map(([title, kinds]) => ({
    title,
    items: items.filter(({ kind }) => kinds.includes(kind)).sort(byName),
  })).filter((chapter) => chapter.items.length > 0);
  const left = items.find(({ kind }) => !CHAPTERS.some(([, kinds]) => kinds.includes(kind)));
  if (left) throw new Error(`the reference has no chapter for a ${left.kind}, which ${left.displayName} is`);
  const anchors = items.map((item) => anchor(nameOf(item)));
  const twice = anchors.find((one, index) => anchors.indexOf(one) !== index);
  if (twice)
    throw new Error(`two exports of ${name} have the anchor ${twice}: give one of them another name`);
  const lines = [
    `<!-- Made by \`npm run api\` from the comments in toolchain/src. -->`,
    `# ${name}`,
    ...chapters.map(({ title, items }) => `**${title}**\n\n${items.map(entry).join("\n")}`),
    ...chapters.flatMap((chapter) => chapter.items.flatMap((item) => section(item, items))),
  ];
  return `${lines.join("\n\n")}\n`;
}

function isExported(item: ApiItem): item is ApiDeclaredItem & { readonly isExported: boolean } {
  return (item as { isExported?: boolean }).isExported === true;
}

function byName(a: ApiItem, b: ApiItem): number {
  return nameOf(a).localeCompare(nameOf(b), "en");
}

/** API Extractor appends `_2` to a name that a global of the platform has too, as EventSource is one. */
const RENAMED = /(?<=[a-z])_2\b/g;

function nameOf(item: ApiItem): string {
  return item.displayName.replaceAll(RENAMED, "");
}

/** A declaration, without what is the same in all of them. */
function signatureOf(item: ApiDeclaredItem): string {
  const text = item.excerpt.text.replaceAll(RENAMED, "");
  return text.replace(/^export (?:declare )?/, "").trim();
}

/** A line of the table of contents. */
function entry(item: ApiItem): string {
  const name = nameOf(item);
  return `- [\`${name}\`](${anchor(name)}): ${firstSentence(summary(item))}`;
}

function section(item: ApiDeclaredItem, all: readonly ApiDeclaredItem[]): string[] {
  const keyword = item.kind === ApiItemKind.Variable ? "const " : "";
  return [
    `## ${nameOf(item)}`,
    `\`\`\`ts\n${keyword}${signatureOf(item)}\n\`\`\``,
    ...described(item),
    ...inherited(item, all),
    ...(item.members as readonly ApiDeclaredItem[]).map(member),
  ];
}

/** Where else members are described. */
function inherited(item: ApiDeclaredItem, all: readonly ApiDeclaredItem[]): string[] {
  const types = item instanceof ApiInterface ? item.extendsTypes : [];
  const base = item instanceof ApiClass && item.extendsType ? [item.extendsType] : types;
  const names = base.map(({ excerpt }) => excerpt.text.replaceAll(RENAMED, "").replace(/<.*/s, "").trim());
  const described = names.filter((name) => all.some((one) => nameOf(one) === name));
  return described.map((name) => `It has the members of [${name}](${anchor(name)}), too.`);
}

/** A member: its signature, and what there is to say about it below. */
function member(item: ApiDeclaredItem): string {
  const signature = signatureOf(item).replaceAll(/\s+/g, " ").replace(/;$/, "");
  const [first = "", ...rest] = described(item);
  const head = `- **\`${signature}\`**  \n${indented(first)}`;
  return [head, ...rest.map(indented)].join("\n\n");
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "  ");
}

/** All that a comment says: paragraphs, then the parameters, the result and the errors as a list. */
function described(item: ApiItem): string[] {
  const comment = item instanceof ApiDocumentedItem ? item.tsdocComment : undefined;
  if (comment === undefined) return [];
  const thrown = comment.customBlocks.filter(({ blockTag }) => blockTag.tagName === "@throws");
  const facts = [
    ...comment.params.blocks.map((block) => `- \`${block.parameterName}\`: ${markdown(block.content)}`),
    ...(comment.returnsBlock ? [`- Returns ${markdown(comment.returnsBlock.content)}`] : []),
    ...thrown.map((block) => `- Throws ${markdown(block.content)}`),
  ];
  return [summary(item), ...(facts.length > 0 ? [facts.join("\n")] : [])];
}

function summary(item: ApiItem): string {
  return item instanceof ApiDocumentedItem ? markdown(item.tsdocComment?.summarySection) : "";
}

import type { DocCodeSpan, DocFencedCode, DocLinkTag, DocNode, DocPlainText } from "@microsoft/tsdoc";

/** A comment's text as Markdown. Names that are linked are headings of the same page. */
export function markdown(node: DocNode | undefined): string {
  return node === undefined ? "" : render(node).trim();
}

/** The first sentence, for lists. */
export function firstSentence(text: string): string {
  const paragraph = text.split("\n\n")[0] ?? "";
  return /^.*?\.(?=\s|$)/.exec(paragraph)?.[0] ?? paragraph;
}

/** Where on its page a heading is found: how Markdown's renderers name it. */
export function anchor(name: string): string {
  return `#${name.toLowerCase()}`;
}

function render(node: DocNode): string {
  switch (node.kind) {
    case "PlainText":
      return escaped((node as DocPlainText).text);
    case "SoftBreak":
      return " ";
    case "CodeSpan":
      return `\`${(node as DocCodeSpan).code}\``;
    case "FencedCode": {
      const { language, code } = node as DocFencedCode;
      return `\`\`\`${language}\n${code}\`\`\`\n\n`;
    }
    case "LinkTag":
      return link(node as DocLinkTag);
    case "Paragraph":
      return `${node.getChildNodes().map(render).join("").trim()}\n\n`;
    case "Section":
      return node.getChildNodes().map(render).join("");
    default:
      throw new Error(
        `the reference cannot show a ${node.kind} of a comment: teach toolchain/api/text.ts to`,
      );
  }
}

/** What Markdown would take for HTML, or for emphasis. */
function escaped(text: string): string {
  return text.replaceAll(/[<*]/g, "\\$&").replaceAll(/(?<=\w)_(?=\W|$)/g, "\\_");
}

function link({ codeDestination, urlDestination, linkText }: DocLinkTag): string {
  if (urlDestination !== undefined) return `[${linkText ?? urlDestination}](${urlDestination})`;
  const names = codeDestination?.memberReferences.map(({ memberIdentifier }) => memberIdentifier?.identifier);
  return `[${linkText ?? names?.join(".")}](${anchor(names?.[0] ?? "")})`;
}

import type { Place } from "./failures.ts";
import { scan, type Token } from "./scan.ts";

/** What the sources say about types, members and globals; BTF keeps no comments. */
export interface Comments {
  /** Of a struct, union or enum, by its tag. */
  type(tag: string): readonly string[];
  /** Of a member or an enumerator; with an empty tag, of a global, a map or a program. */
  member(tag: string, name: string): readonly string[];
  /** Where it is declared. */
  place(tag: string, name: string): Place | undefined;
}

export const noComments: Comments = { type: () => [], member: () => [], place: () => undefined };

interface Note {
  readonly comment: string;
  readonly place: Place;
}

/** Finds the comments of C files; of two declarations with one name, the first counts. */
export function readComments(sources: readonly { readonly path: string; readonly text: string }[]): Comments {
  const notes = new Map<string, Note>();
  for (const { path, text } of sources) {
    const reader = new Reader(scan(text), (tag, name, comment, line) => {
      const key = `${tag}\n${name}`;
      if (!notes.has(key)) notes.set(key, { comment, place: { path, line } });
    });
    reader.file();
  }
  const split = (note: Note | undefined) =>
    note === undefined || note.comment === "" ? [] : note.comment.split("\n");
  return {
    type: (tag) => split(notes.get(`${tag}\n`)),
    member: (tag, name) => split(notes.get(`${tag}\n${name}`)),
    place: (tag, name) => notes.get(`${tag}\n${name}`)?.place,
  };
}

type Found = (tag: string, name: string, comment: string, line: number) => void;

/** One declaration: the names it declares, and what is nested in it. */
interface Declaration {
  readonly names: readonly string[];
  readonly comment: string;
  readonly line: number;
  /** The struct, union or enum it defines. */
  readonly body?: Body | undefined;
}

interface Body {
  readonly tag: string;
  readonly members: readonly Declaration[];
}

const openers = new Set(["(", "["]);
const closers = new Set([")", "]"]);

/**
 * A reader of declarations, not of C: it knows where members begin and end and what they are called. What it does not
 * understand it passes over; no comment is the worst that follows.
 */
class Reader {
  readonly #tokens: readonly Token[];
  readonly #found: Found;
  #at = 0;

  constructor(tokens: readonly Token[], found: Found) {
    this.#tokens = tokens;
    this.#found = found;
  }

  file(): void {
    while (this.#at < this.#tokens.length) {
      const before = this.#at;
      this.#tell("", this.#declaration(true, 0));
      if (this.#at === before) this.#at++;
    }
  }

  /** Reports a declaration, and what it nests, under the tag of what it is in. */
  #tell(tag: string, declaration: Declaration): void {
    const { names, comment, line, body } = declaration;
    for (const name of names) this.#found(tag, name, comment, line);
    if (body === undefined) return;
    const anonymous = body.tag === "" && names.length === 0;
    const inner = body.tag || (tag === "" ? (names[0] ?? "") : anonymous ? tag : `${tag}_${names[0]}`);
    if (body.tag !== "" || tag === "") this.#found(inner, "", comment, line);
    for (const member of body.members) this.#tell(inner, member);
  }

  /** From here to the `;` that ends it, the `}` of a function, or the `,` after an enumerator. */
  #declaration(top: boolean, depth: number, enumerator = false): Declaration {
    const comment = [this.#leading()];
    const line = this.#tokens[this.#at]?.line ?? 0;
    const own: Token[] = [];
    let body: Body | undefined;
    let nesting = 0;
    for (; this.#at < this.#tokens.length; this.#at++) {
      const token = this.#tokens[this.#at]!;
      if (token.kind === "comment") continue;
      if (token.text === "{") {
        if (nesting > 0) {
          this.#skipBraces();
          continue;
        }
        const defined = own.findIndex(({ text }) => text === "struct" || text === "union" || text === "enum");
        if (defined < 0 || own.some(({ text }) => text === "=" || text === "(")) {
          this.#skipBraces();
          if (!own.some(({ text }) => text === "=")) break;
          continue;
        }
        const keyword = own[defined]!.text;
        body = this.#body(tagOf(own.slice(defined + 1)), keyword === "enum", depth);
        own.length = 0;
        if (keyword !== "enum" || !top || depth > 0) this.#at--;
        else this.#at--;
        continue;
      }
      if (token.text === "}") break;
      if (nesting === 0 && (token.text === ";" || (enumerator && token.text === ","))) {
        this.#at++;
        comment.push(this.#trailing(token.lastLine));
        break;
      }
      if (openers.has(token.text)) nesting++;
      if (closers.has(token.text)) nesting--;
      own.push(token);
    }
    if (enumerator && this.#tokens[this.#at]?.text === "}") comment.push(this.#trailingBefore());
    const names = top
      ? globalNames(own)
      : enumerator
        ? own.slice(0, 1).map(({ text }) => text)
        : declared(own);
    return { names, comment: comment.filter((text) => text !== "").join("\n"), line, body };
  }

  /** The members between braces, from the opening one to past the closing one. */
  #body(tag: string, enumerators: boolean, depth: number): Body {
    const members: Declaration[] = [];
    this.#at++;
    if (depth > 32) {
      this.#at--;
      this.#skipBraces();
      this.#at++;
      return { tag, members };
    }
    while (this.#at < this.#tokens.length && this.#tokens[this.#at]!.text !== "}") {
      const before = this.#at;
      members.push(this.#declaration(false, depth + 1, enumerators));
      if (this.#at === before) this.#at++;
    }
    this.#at++;
    return { tag, members };
  }

  /** To the brace that closes the one here. */
  #skipBraces(): void {
    let depth = 0;
    for (; this.#at < this.#tokens.length; this.#at++) {
      const { kind, text } = this.#tokens[this.#at]!;
      if (kind !== "mark") continue;
      if (text === "{") depth++;
      else if (text === "}" && --depth === 0) return;
    }
  }

  /** Comments here, up to the first token, that belong to what follows: no empty line between. */
  #leading(): string {
    const run: Token[] = [];
    while (this.#tokens[this.#at]?.kind === "comment") run.push(this.#tokens[this.#at++]!);
    let line = this.#tokens[this.#at]?.line ?? 0;
    const kept: string[] = [];
    for (const token of run.reverse()) {
      if (!token.first || line - token.lastLine > 1 || /SPDX|Copyright/.test(token.text)) break;
      kept.unshift(token.text);
      line = token.line;
    }
    return kept.join("\n");
  }

  /** Comments on the line a declaration ended on. */
  #trailing(line: number): string {
    const kept: string[] = [];
    for (let token = this.#tokens[this.#at]; token?.kind === "comment"; token = this.#tokens[++this.#at]) {
      if (token.line !== line || token.first) break;
      kept.push(token.text);
    }
    return kept.join("\n");
  }

  /** Comments between the last enumerator, which needs no comma, and the brace. */
  #trailingBefore(): string {
    const token = this.#tokens[this.#at - 1];
    return token?.kind === "comment" && !token.first ? token.text : "";
  }
}

/** The first name after `struct`, attributes passed over. */
function tagOf(tokens: readonly Token[]): string {
  const words = withoutGroups(tokens).filter(
    ({ kind, text }) => kind === "word" && !text.startsWith("__attribute"),
  );
  return words[0]?.text ?? "";
}

function withoutGroups(tokens: readonly Token[]): Token[] {
  let depth = 0;
  return tokens.filter(({ text }) => {
    if (openers.has(text)) depth++;
    const outside = depth === 0;
    if (closers.has(text)) depth--;
    return outside;
  });
}

/** Names of members: the last word of each declarator, or what a function pointer's star stands before. */
function declared(tokens: readonly Token[]): string[] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (openers.has(token.text)) depth++;
    if (closers.has(token.text)) depth--;
    if (token.text === "," && depth === 0) parts.push([]);
    else parts.at(-1)!.push(token);
  }
  return parts.flatMap((part) => {
    const star = part.findIndex(({ text }, index) => text === "(" && part[index + 1]?.text === "*");
    const pointed = part.slice(star + 2).find(({ kind }) => kind === "word");
    if (star >= 0 && pointed !== undefined) return [pointed.text];
    const end = part.findIndex(({ text }) => text === ":" || text === "=");
    const words = withoutGroups(end < 0 ? part : part.slice(0, end)).filter(
      ({ kind, text }) => kind === "word" && !/^(?:__attribute|SEC$|__k(?:ptr|config|sym))/.test(text),
    );
    return words.length === 0 ? [] : [words.at(-1)!.text];
  });
}

/** Of a function also the first word in its parentheses: `int BPF_PROG(name, …)`. */
function globalNames(tokens: readonly Token[]): string[] {
  const names = declared(tokens);
  const open = tokens.findIndex(
    ({ text }, index) =>
      text === "(" && tokens[index - 1]?.text !== "SEC" && tokens[index - 1]?.kind === "word",
  );
  const inside = open < 0 ? undefined : tokens[open + 1];
  if (inside?.kind === "word") names.push(inside.text);
  return names;
}

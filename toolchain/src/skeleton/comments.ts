import { CLOSERS, declared, definition, globalNames, OPENERS } from "./declarators.ts";
import type { Place } from "./failures.ts";
import { scan, type Token } from "./scan.ts";

/** The comments of the sources, as lines. They are read from the sources because BTF has no comments. */
export interface Comments {
  /** The comment on a struct, union or enum, by its tag. */
  type(tag: string): readonly string[];
  /** The comment on a member or an enumerator; if the tag is empty, the one on a global, a map or a program. */
  member(tag: string, name: string): readonly string[];
  /** The place where such a thing is declared. */
  place(tag: string, name: string): Place | undefined;
}

/** For an object whose sources are not known. */
export const NO_COMMENTS: Comments = { type: () => [], member: () => [], place: () => undefined };

interface Note {
  readonly comment: string;
  readonly place: Place;
}

/** Reads the comments of C files. If two declarations have the same name, the first one counts. */
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

/** One declaration: the names that it declares, and the declarations in its body. */
interface Declaration {
  readonly names: readonly string[];
  readonly comment: string;
  readonly line: number;
  /** The struct, union or enum that it defines. */
  readonly body?: Body | undefined;
}

interface Body {
  readonly tag: string;
  readonly members: readonly Declaration[];
}

/** How deep structs may be nested. The bodies of deeper ones are skipped. */
const DEPTH_MAX = 32;

/**
 * Reads declarations, which is much less than all of C: it finds where members begin and end, and their names. It skips
 * what it does not understand. At worst a comment is then missing.
 */
class Reader {
  readonly #tokens: readonly Token[];
  readonly #found: Found;
  #at = 0;

  constructor(tokens: readonly Token[], found: Found) {
    this.#tokens = tokens;
    this.#found = found;
  }

  /** Reads to the end of the file, and reports everything that it finds. */
  file(): void {
    while (this.#at < this.#tokens.length) {
      const before = this.#at;
      this.#tell("", this.#declaration(true, 0));
      if (this.#at === before) this.#at++;
    }
  }

  /** Reports a declaration, and those in its body, under the tag of the struct that contains it. */
  #tell(tag: string, declaration: Declaration): void {
    const { names, comment, line, body } = declaration;
    for (const name of names) this.#found(tag, name, comment, line);
    if (body === undefined) return;
    const anonymous = body.tag === "" && names.length === 0;
    const inner = body.tag || (tag === "" ? (names[0] ?? "") : anonymous ? tag : `${tag}_${names[0]}`);
    if (body.tag !== "" || tag === "") this.#found(inner, "", comment, line);
    for (const member of body.members) this.#tell(inner, member);
  }

  /** Reads one declaration. It ends with a `;`, with the `}` of a function, or with the `,` after an enumerator. */
  #declaration(top: boolean, depth: number, enumerator = false): Declaration {
    const leading = this.#leading();
    const line = this.#tokens[this.#at]?.line ?? 0;
    const { own, body, trailing } = this.#parts(depth, enumerator);
    const names = top
      ? globalNames(own)
      : enumerator
        ? own.slice(0, 1).map(({ text }) => text)
        : declared(own);
    const comment = [leading, trailing].filter((text) => text !== "").join("\n");
    return { names, comment, line, body };
  }

  /** Reads the tokens of a declaration. If it defines a struct, `own` has only the tokens after the struct's body. */
  #parts(depth: number, enumerator: boolean): { own: Token[]; body: Body | undefined; trailing: string } {
    const own: Token[] = [];
    let body: Body | undefined;
    let nesting = 0;
    for (let token = this.#tokens[this.#at]; token !== undefined; token = this.#tokens[++this.#at]) {
      if (token.kind === "comment") continue;
      if (token.text === "{") {
        const head = nesting > 0 ? undefined : definition(own);
        if (head === undefined) {
          this.#skipBraces();
          // A function ends with its body, but an initialiser is followed by more tokens.
          if (nesting === 0 && !own.some(({ text }) => text === "=")) break;
          continue;
        }
        body = this.#body(head.tag, head.keyword === "enum", depth);
        own.length = 0;
        continue;
      }
      if (token.text === "}") break;
      if (nesting === 0 && (token.text === ";" || (enumerator && token.text === ","))) {
        this.#at++;
        return { own, body, trailing: this.#trailing(token.lastLine) };
      }
      if (OPENERS.has(token.text)) nesting++;
      if (CLOSERS.has(token.text)) nesting--;
      own.push(token);
    }
    // This was the last enumerator, which needs no comma.
    return { own, body, trailing: enumerator ? this.#trailingBefore() : "" };
  }

  /** Reads the members between two braces. It begins at the opening one and stops at the closing one. */
  #body(tag: string, enumerators: boolean, depth: number): Body {
    const members: Declaration[] = [];
    if (depth > DEPTH_MAX) {
      this.#skipBraces();
      return { tag, members };
    }
    this.#at++;
    while (this.#at < this.#tokens.length && this.#tokens[this.#at]?.text !== "}") {
      const before = this.#at;
      members.push(this.#declaration(false, depth + 1, enumerators));
      if (this.#at === before) this.#at++;
    }
    return { tag, members };
  }

  /** Goes from an opening brace to the one that closes it. */
  #skipBraces(): void {
    let depth = 0;
    for (let token = this.#tokens[this.#at]; token !== undefined; token = this.#tokens[++this.#at]) {
      if (token.kind !== "mark") continue;
      if (token.text === "{") depth++;
      else if (token.text === "}" && --depth === 0) return;
    }
  }

  /** Reads the comments before a declaration. One that an empty line separates from it does not belong to it. */
  #leading(): string {
    const run: Token[] = [];
    for (let token = this.#tokens[this.#at]; token?.kind === "comment"; token = this.#tokens[++this.#at])
      run.push(token);
    let line = this.#tokens[this.#at]?.line ?? 0;
    const kept: string[] = [];
    for (const token of run.reverse()) {
      if (!token.first || line - token.lastLine > 1 || /SPDX|Copyright/.test(token.text)) break;
      kept.unshift(token.text);
      line = token.line;
    }
    return kept.join("\n");
  }

  /** Reads the comments on the line on which a declaration ended. */
  #trailing(line: number): string {
    const kept: string[] = [];
    for (let token = this.#tokens[this.#at]; token?.kind === "comment"; token = this.#tokens[++this.#at]) {
      if (token.line !== line || token.first) break;
      kept.push(token.text);
    }
    return kept.join("\n");
  }

  /** The comment between the last enumerator and the closing brace, which was read already. */
  #trailingBefore(): string {
    const token = this.#tokens[this.#at - 1];
    return token?.kind === "comment" && !token.first ? token.text : "";
  }
}

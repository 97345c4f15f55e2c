import { type AnyNode, type Expression, type Node, type Options, parse, type SpreadElement } from "acorn";

/** What a script asks of the locale data of the Node that runs it. */
export interface Named {
  /** Locales that it names in so many words, in order, each once. */
  readonly literals: readonly string[];
  /** Whether there may be others: a locale that is a variable's value, an Intl that is handed on, code made of text. */
  readonly dynamic: boolean;
  /** The beginnings of the pieces of code that are why, at most five. */
  readonly doubts: readonly string[];
  /** Whether it may decode text of another encoding than UTF-8, UTF-16, Latin 1 and windows-1252. */
  readonly converters: boolean;
  /** Whether it uses Temporal. */
  readonly temporal: boolean;
}

/** Constructors whose first argument is a locale. Other members of Intl need no locale's data, or hand Intl on. */
const CONSTRUCTORS = new Set([
  ...["DateTimeFormat", "NumberFormat", "Collator", "RelativeTimeFormat", "PluralRules"],
  ...["ListFormat", "DisplayNames", "Segmenter", "DurationFormat", "Locale"],
]);
const WITHOUT_DATA = new Set(["getCanonicalLocales", "supportedValuesOf"]);

/** Methods that take a locale, and which argument it is. */
const METHODS = new Map([
  ["toLocaleString", 0],
  ["toLocaleDateString", 0],
  ["toLocaleTimeString", 0],
  ["localeCompare", 1],
]);

/** Labels of encodings that are decoded without a table, or by the one that is always there. */
const LABELS = new Set(
  (
    "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8 " +
    "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le unicodefffe utf-16be " +
    "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1 " +
    "iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252"
  ).split(" "),
);

/** A node of the tree, and its way up. */
interface Place {
  readonly node: AnyNode;
  /** In which of its parent's properties it is. */
  readonly key: string;
  readonly up: Place | undefined;
}

/**
 * Finds out of a bundled script's text which locales it names. When in doubt it says that there may be others: a script
 * that cannot be read may do anything. The text is what the bundler made of the app's modules, without what is put around
 * it: code there that runs other code would be in doubt as well.
 */
export function localesNamed(source: string): Named {
  const tree = treeOf(source);
  if (!tree) return { literals: [], dynamic: true, doubts: [], converters: true, temporal: true };
  const found = new Findings(source);
  const waiting: Place[] = [{ node: tree, key: "", up: undefined }];
  for (let place = waiting.pop(); place; place = waiting.pop()) {
    look(place, found);
    for (const [key, value] of Object.entries(place.node))
      for (const one of Array.isArray(value) ? value : [value])
        if (isNode(one)) waiting.push({ node: one, key, up: place });
  }
  return {
    literals: [...found.literals].sort(),
    dynamic: found.doubts.size > 0,
    doubts: [...found.doubts].slice(0, MOST_DOUBTS),
    converters: found.converters,
    temporal: found.temporal,
  };
}

const MOST_DOUBTS = 5;
const LONGEST_DOUBT = 60;

class Findings {
  readonly source: string;
  readonly literals = new Set<string>();
  readonly doubts = new Set<string>();
  converters = false;
  temporal = false;

  constructor(source: string) {
    this.source = source;
  }

  /** Takes note of a piece of code that may name any locale. */
  doubt(place: Place | undefined): void {
    const { start, end } = above(place)?.up?.node ?? place?.node ?? { start: 0, end: 0 };
    const [line = ""] = this.source.slice(start, Math.min(end, start + LONGEST_DOUBT)).split("\n");
    this.doubts.add(line.trim());
  }

  /** Takes note of an argument that says which locale. */
  locales(callee: Place, args: readonly (Expression | SpreadElement)[], at: number): void {
    const named = stringsIn(args[at]);
    const spread = args.slice(0, at + 1).some(({ type }) => type === "SpreadElement");
    if (named === undefined || spread) this.doubt(callee);
    // What is no tag at all is refused by Intl, whatever data there is.
    for (const name of named ?? []) if (isTag(name)) this.literals.add(name);
  }
}

function treeOf(source: string): AnyNode | undefined {
  const options: Options = {
    ecmaVersion: "latest",
    sourceType: "module",
    allowReturnOutsideFunction: true,
    allowAwaitOutsideFunction: true,
    allowHashBang: true,
  };
  try {
    return parse(source, options);
  } catch {
    // What is no module may be a script: the same word may be a name in one and not in the other.
  }
  try {
    return parse(source, { ...options, sourceType: "script" });
  } catch {
    return undefined;
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && typeof (value as Node).type === "string";
}

function isTag(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}

function look(place: Place, found: Findings): void {
  const { node } = place;
  if (node.type === "Identifier") lookAtName(node.name, place, found);
  else if (node.type === "Literal" && typeof node.value === "string") lookAtText(node.value, place, found);
  else if (node.type === "TemplateElement" && /toLocale|localeCompare/.test(node.value.raw))
    found.doubt(place);
  else if (node.type === "ImportExpression" && stringsIn(node.source) === undefined)
    found.doubt({ ...place, up: undefined });
}

function lookAtName(name: string, place: Place, found: Findings): void {
  const method = METHODS.get(name);
  if (name === "Temporal") found.temporal = true;
  if (isRenamed(place)) {
    if (name.startsWith("TextDecoder")) found.converters = true;
    if (name === "Worker") found.doubt(place);
  }
  if (isKey(place)) return;
  if (name === "Intl") lookAtIntl(place, found);
  else if (method !== undefined && isMember(place)) lookAtMethod(method, found, place.up);
  else if (method !== undefined) found.doubt(place);
  else if (name.startsWith("TextDecoder")) lookAtDecoder(place, found);
  else if (name === "Worker" && !isTested(whole(place))) found.doubt(place);
  else if ((name === "eval" || name === "Function") && makesCode(whole(place))) found.doubt(place);
}

/** A word of those above as text: what a computed member is named, or a module that runs code of its own. */
function lookAtText(text: string, place: Place, found: Findings): void {
  const { up, key } = place;
  const method = METHODS.get(text);
  if (/^(node:)?vm$/.test(text) && (up?.node.type === "CallExpression" || key === "source"))
    found.doubt(place);
  if (isKey(place)) return;
  if (method !== undefined && isMember(place)) lookAtMethod(method, found, up);
  else if (method !== undefined || text === "Intl" || text === "toLocale") found.doubt(place);
  else if (/^TextDecoder(Stream)?$/.test(text)) found.converters = true;
}

/** Whether it only names what something else has: the key of an object or of a class, a label, an import's own name. */
function isKey({ key, up }: Place): boolean {
  const parent = up?.node;
  if (parent?.type === "Property")
    return key === "key" && !parent.computed && up?.up?.node.type !== "ObjectPattern";
  if (parent?.type === "MethodDefinition" || parent?.type === "PropertyDefinition")
    return key === "key" && !parent.computed;
  return key === "imported" || key === "exported" || key === "label";
}

/** Whether an import gives it another name: `import { a as b }`. */
function isRenamed({ node, key, up }: Place): boolean {
  if (key !== "imported" || up?.node.type !== "ImportSpecifier" || node.type !== "Identifier") return false;
  return up.node.local.name !== node.name;
}

/** Whether it is the name of a member: of `a.b` and of `a["b"]`, the b. */
function isMember({ node, key, up }: Place): boolean {
  if (up?.node.type !== "MemberExpression" || key !== "property") return false;
  return !up.node.computed || node.type === "Literal";
}

/** The expression that a name is the last part of, which is what is called or handed on. */
function whole(place: Place): Place {
  return isMember(place) && place.up ? place.up : place;
}

/** The place above, where `?.` leaves a node between. */
function above(place: Place | undefined): Place | undefined {
  return place?.up?.node.type === "ChainExpression" ? place.up : place;
}

/** The arguments of a call of this expression, or undefined where it is not called. */
function argumentsOf(place: Place | undefined): readonly (Expression | SpreadElement)[] | undefined {
  const at = above(place);
  const call = at?.up?.node;
  const isCall = call?.type === "CallExpression" || call?.type === "NewExpression";
  return isCall && at?.key === "callee" ? call.arguments : undefined;
}

/** Whether it is only looked whether something is there: `typeof a`, `!a`, `if (a)`, `a && b`, `a ? b : c`. */
function isTested(place: Place | undefined): boolean {
  const at = above(place);
  const up = at?.up?.node;
  if (up?.type === "UnaryExpression") return up.operator === "typeof" || up.operator === "!";
  if (up?.type === "LogicalExpression")
    return (at?.key === "left" && up.operator === "&&") || isTested(at?.up);
  return at?.key === "test";
}

function lookAtIntl(place: Place, found: Findings): void {
  const { up } = place;
  if (isTested(place)) return;
  if (up?.node.type !== "MemberExpression" || place.key !== "object") {
    found.doubt(place);
    return;
  }
  const name = memberName(up);
  if (name !== undefined && WITHOUT_DATA.has(name)) return;
  const member = above(up);
  const called = argumentsOf(up);
  if (name === undefined || !CONSTRUCTORS.has(name)) found.doubt(up);
  else if (called) found.locales(up, called, 0);
  else if (member?.key === "object" && memberName(member.up) === "supportedLocalesOf")
    lookAtMethod(0, found, member.up);
  else if (!isTested(up)) found.doubt(up);
}

function memberName(place: Place | undefined): string | undefined {
  if (place?.node.type !== "MemberExpression") return undefined;
  const { property, computed } = place.node;
  if (!computed) return property.type === "Identifier" ? property.name : undefined;
  return property.type === "Literal" && typeof property.value === "string" ? property.value : undefined;
}

/** A method that takes a locale: called, looked for, given to a class, or handed on. */
function lookAtMethod(at: number, found: Findings, member: Place | undefined): void {
  const called = argumentsOf(member);
  if (called && member) found.locales(member, called, at);
  else if (!isTested(member) && !isAssigned(member)) found.doubt(member);
}

function isAssigned(place: Place | undefined): boolean {
  return place?.key === "left" && place.up?.node.type === "AssignmentExpression";
}

/** A decoder that is made with a label in so many words. A variable of its name is found where it is used. */
function lookAtDecoder(place: Place, found: Findings): void {
  const expression = whole(place);
  const called = argumentsOf(expression);
  if (called) {
    const labels = stringsIn(called[0]);
    const known = labels?.every((label) => LABELS.has(label.trim().toLowerCase()));
    if (!known || called[0]?.type === "SpreadElement") found.converters = true;
    return;
  }
  const parent = expression.up?.node;
  const declares = expression.key === "id" || expression.key === "local" || isInPattern(expression);
  const compares = parent?.type === "BinaryExpression" && parent.operator === "instanceof";
  if (!declares && !compares && !isTested(expression)) found.converters = true;
}

/** `const { TextDecoder } = …`: the variable has the name by which it is looked for. */
function isInPattern({ up }: Place): boolean {
  const property = up?.node;
  return property?.type === "Property" && property.shorthand && up?.up?.node.type === "ObjectPattern";
}

/** Whether code is made of text here. `Function("return this")` is how old libraries find the global object. */
function makesCode(place: Place): boolean {
  const called = argumentsOf(place);
  if (!called) return false;
  const texts = called.map((argument) => stringsIn(argument)?.join());
  return !(texts.length === 1 && /^return this;?$/.test(texts[0] ?? ""));
}

/** The strings that an argument can be, none if it is left out, undefined if it can be others. */
function stringsIn(node: AnyNode | null | undefined): readonly string[] | undefined {
  if (!node || (node.type === "Identifier" && node.name === "undefined")) return [];
  if (node.type === "UnaryExpression" && node.operator === "void") return [];
  if (node.type === "Literal") return typeof node.value === "string" ? [node.value] : undefined;
  if (node.type === "TemplateLiteral" && node.expressions.length === 0)
    return [node.quasis[0]?.value.cooked ?? ""];
  if (node.type === "ConditionalExpression") return both([node.consequent, node.alternate]);
  if (node.type === "ArrayExpression") return both(node.elements);
  return undefined;
}

function both(nodes: readonly (AnyNode | null)[]): readonly string[] | undefined {
  const all = nodes.map((node) => (node ? stringsIn(node) : undefined));
  return all.every((one) => one !== undefined) ? all.flat() : undefined;
}

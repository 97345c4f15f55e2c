import type { App } from "../doctor/app.ts";
import type { Finding } from "../doctor/finding.ts";
import { mapTypeFacts } from "../facts/map-types.ts";
import { parseSection } from "../facts/sections.ts";
import type { MapReport, ObjectReport, ProgramReport } from "../inspect/object.ts";
import { AddonError } from "../runtime/addon.ts";
import { BpfError, failure, VerifierError } from "../runtime/errors.ts";
import { ownBtf } from "../runtime/kernel-btf.ts";
import { Log } from "../runtime/log.ts";
import { loadNative, type Native, type ObjectHandle } from "../runtime/native.ts";
import { noteObject } from "../runtime/needs.ts";

/** What the kernel said about a program, or about a whole object. */
export interface Tried {
  readonly finding: Finding;
  /** Whether it was refused because of who asks, or of what the kernel allows. */
  readonly denied: boolean;
}

/**
 * Has the kernel verify and load every program, and frees them again. Nothing is attached or pinned, so that nothing of the
 * running system sees it.
 *
 * @param lacking - whether this process is known to lack a capability that the app takes
 */
export function tryPrograms(app: App, lacking: boolean): Tried[] {
  return app.objects.flatMap((object) => {
    try {
      return new Trial(app, object).run(lacking);
    } catch (error) {
      if (!(error instanceof BpfError || error instanceof AddonError)) throw error;
      return [refused(`object ${object.name}`, error, "error")];
    }
  });
}

/** In an executable, what belongs to an object is found by the object's name alone. */
const URL = "file:///";

/** The trial of one object. */
class Trial {
  readonly #app: App;
  readonly #object: ObjectReport;
  readonly #native: Native;
  readonly #log: Log;

  /** @throws AddonError if the addon cannot be loaded */
  constructor(app: App, object: ObjectReport) {
    this.#app = app;
    this.#object = object;
    // An executable has one addon, whatever module asks for it.
    this.#native = loadNative(object.name, URL);
    this.#log = new Log(this.#native, {});
  }

  run(lacking: boolean): Tried[] {
    const { programs } = this.#object;
    const targetless = programs.filter(lacksTarget);
    const usual = programs.filter((program) => !program.optional && !targetless.includes(program));
    // An app loads them together. That is tried first, as it is one load for all where all is well.
    const error = usual.length === 0 ? undefined : this.#load(usual);
    // Asking for each program would say the same again.
    if (error && lacking && isDenied(error)) return [refused(`object ${this.#object.name}`, error, "error")];
    const alone = programs.filter(
      (program) => !targetless.includes(program) && (program.optional || error !== undefined),
    );
    const results = new Map(alone.map((program) => [program, this.#load([program])]));
    const found = programs.map((program) =>
      targetless.includes(program) ? notTried(program) : this.#finding(program, results.get(program)),
    );
    // Each loads alone, and together they do not.
    if (error && [...results.values()].every((one) => one === undefined))
      return [...found, refused(`object ${this.#object.name}`, error, this.#app.adapts ? "warn" : "error")];
    return found;
  }

  #finding(program: ProgramReport, error: BpfError | undefined): Tried {
    const subject = `program ${program.name}`;
    if (error === undefined) return well(subject, `loads (${program.section})`);
    return refused(subject, error, program.optional || this.#app.adapts ? "warn" : "error");
  }

  /** Loads these programs of the object; returns why the kernel does not. */
  #load(wanted: readonly ProgramReport[]): BpfError | undefined {
    const native = this.#native;
    const { name, programs, maps, helpers, subtracts } = this.#object;
    const btf = ownBtf(name, URL);
    const opened = this.#log.during(() => native.open(name, btf ? { btfCustomPath: btf.path } : {}));
    const handle = opened.result;
    if (typeof handle === "number") {
      btf?.close();
      return failure("bpf_object__open", handle, name, opened.text);
    }
    // With this, what is said about a call that is refused for want of a privilege names what these programs take.
    const forget = noteObject(() => ({ programs: wanted, maps, helpers, subtracts, token: undefined }));
    try {
      for (const program of programs) {
        const index = native.progIndex(handle, program.name);
        native.progSet(handle, index, "autoload", wanted.includes(program));
      }
      const structOps = wanted.some(({ type }) => type === "struct_ops");
      for (const map of maps) this.#prepare(handle, map, structOps);
      const { result, text } = this.#log.during(() => native.load(handle));
      // The programs were loaded, and libbpf failed to put one that was left out into a map of programs.
      if (result >= 0 || /failed to initialize slot/.test(text)) return undefined;
      return failure("bpf_object__load", result, name, text);
    } finally {
      forget();
      btf?.close();
      native.destroy(handle);
    }
  }

  /** Settles what the app, or the runtime for it, sets before it loads. */
  #prepare(handle: ObjectHandle, map: MapReport, structOps: boolean): void {
    const native = this.#native;
    const index = native.mapIndex(handle, map.name);
    // It is not pinned: the file would stay, and one that is there belongs to an app that runs.
    native.mapSet(handle, index, "pinPath", "");
    if (map.type === "struct_ops" && !structOps) native.mapSet(handle, index, "autocreate", false);
    const valueSize = mapTypeFacts(map.type)?.valueSize;
    if (valueSize !== undefined && valueSize !== map.valueSize)
      native.mapSet(handle, index, "valueSize", valueSize);
    if (map.maxEntries === 0 && !COUNTLESS.test(map.type)) {
      const rings = /ringbuf/.test(map.type);
      native.mapSet(handle, index, "maxEntries", rings ? native.pageSize() : 1);
    }
  }
}

/** Types of maps that have no number of elements, or whose number libbpf sets. */
const COUNTLESS = /storage|^perf_event_array$|^struct_ops$/;

/** Whether the app has to say what a program is attached to before it can be loaded. */
function lacksTarget({ section, type }: ProgramReport): boolean {
  const parsed = parseSection(section);
  return type === "ext" || (parsed?.target === "" && (parsed.way === "trace" || parsed.way === "iter"));
}

function notTried({ name, section }: ProgramReport): Tried {
  const detail = `not tried: what it is attached to is said by the app when it starts (${section})`;
  return well(`program ${name}`, detail);
}

function well(subject: string, detail: string): Tried {
  return { finding: { subject, state: "ok", detail }, denied: false };
}

/** Whether it was refused because of who asks, or of what the kernel allows, and not for what a program does. */
function isDenied(error: BpfError): boolean {
  return !(error instanceof VerifierError) && (error.code === "EPERM" || error.code === "EACCES");
}

function refused(subject: string, error: BpfError | AddonError, state: "warn" | "error"): Tried {
  if (error instanceof AddonError) {
    const [detail = "", ...more] = error.message.split("\n");
    const why = more.join("\n");
    return { finding: { subject, state, detail, ...(why && { why }) }, denied: false };
  }
  if (error instanceof VerifierError) {
    const why = [error.reason, error.frame, error.why].filter(Boolean).join("\n");
    return { finding: { subject, state, detail: "the kernel's verifier rejects it", why }, denied: false };
  }
  const { what: detail, why, next: fix } = error;
  return {
    finding: { subject, state, detail, ...(why && { why }), ...(fix && { fix }) },
    denied: isDenied(error),
  };
}

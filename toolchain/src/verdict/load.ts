import { parseSection } from "../facts/sections.ts";
import { failure } from "../runtime/errors.ts";
import { ownBtf } from "../runtime/kernel-btf.ts";
import { Log, type LogLevel } from "../runtime/log.ts";
import type { Native } from "../runtime/native.ts";
import { noteObject } from "../runtime/needs.ts";
import { prepareMaps } from "./maps.ts";
import type { ProgramJob, SkeletonJob } from "./protocol.ts";

/** How a load ended. */
export interface Load {
  /** 0, or a negative error. */
  readonly error: number;
  /** libbpf's messages. */
  readonly messages: string;
  /** The number of the first program's type. */
  readonly type: number;
}

/** What the verifier is to write (`BPF_LOG_LEVEL1` and the like), and what of libbpf's messages is kept. */
export interface Wordiness {
  readonly level: number;
  readonly messages: LogLevel;
}

/** The verifier says where it was when it refused a program, and is silent otherwise. */
export const REFUSALS: Wordiness = { level: 0, messages: "info" };

/**
 * Loads some programs of an object and no others, and unloads them again. Nothing is attached or pinned, so that nothing of
 * the running system sees it. The object is opened anew for each load, because libbpf cannot load it twice.
 *
 * @throws BpfError if the object cannot even be opened
 */
export function loadPrograms(
  native: Native,
  job: SkeletonJob,
  wanted: readonly ProgramJob[],
  { level, messages }: Wordiness,
): Load {
  const log = new Log(native, { logLevel: messages });
  const btf = ownBtf(job.name, job.url ?? "file:///");
  const options = btf ? { btfCustomPath: btf.path } : {};
  const { result: object, text } = log.during(() => native.open(job.name, options));
  try {
    if (typeof object === "number") throw failure("bpf_object__open", object, job.name, text);
    const structOps = wanted.some(({ section }) => parseSection(section)?.name === "struct_ops");
    prepareMaps(native, object, job, { structOps });
    const names = new Set(wanted.map(({ name }) => name));
    for (const { name } of job.programs) {
      const index = native.progIndex(object, name);
      native.progSet(object, index, "autoload", names.has(name));
      if (names.has(name) && level !== 0) native.progSet(object, index, "logLevel", level);
    }
    const [first] = wanted;
    const info = first && native.progInfo(object, native.progIndex(object, first.name));
    const loaded = log.during(() => native.load(object));
    const type = typeof info === "object" ? info.type : 0;
    return { error: loaded.result, messages: loaded.text, type };
  } finally {
    if (typeof object !== "number") native.destroy(object);
    btf?.close();
  }
}

/** While this runs, what is said of a call that is refused for want of a privilege names what these programs take. */
export function onBehalfOf<T>(job: SkeletonJob, wanted: readonly ProgramJob[], run: () => T): T {
  const forget = noteObject(() => ({ ...job, programs: wanted, token: undefined }));
  try {
    return run();
  } finally {
    forget();
  }
}

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Failure } from "../base/failure.ts";
import type { Action } from "../run/events.ts";
import { readObject } from "./object.ts";
import { opaqueTypes } from "./opaque.ts";

/**
 * The C file that connects bpftool's skeleton of one program, NAME.skel.h, with the addon's shared part
 * (toolchain/native/object.cc). The header is compiled as C, because it is not always valid C++. Everything else that the
 * addon does with a skeleton goes through libbpf's functions for `struct bpf_object_skeleton`.
 *
 * An addon may hold several programs, so each tells of itself when the addon is loaded, and no name of one is another's.
 */
export function skeletonSource(name: string, object: Uint8Array): string {
  // bpftool turns NAME.bpf.o into the identifier NAME_bpf in the same way.
  const prefix = `${name.replace(/[^A-Za-z0-9_]/g, "_")}_bpf`;
  const types = opaqueTypes(readObject(object));
  const lines = ["#include <errno.h>", "#include <stdlib.h>", "#include <bpf/libbpf.h>", ...types];
  return `${lines.join("\n")}
#include "${name}.skel.h"

typedef struct bpf_object_skeleton *open_fn(const struct bpf_object_open_opts *opts, void **self);
typedef void destroy_fn(void *self);

void bpf_app_skeleton_add(const char *name, open_fn *open, destroy_fn *destroy);

/* Sets errno and returns NULL on failure. */
static struct bpf_object_skeleton *open_skeleton(const struct bpf_object_open_opts *opts, void **self)
{
	struct ${prefix} *skeleton = ${prefix}__open_opts(opts);

	*self = skeleton;
	return skeleton ? skeleton->skeleton : NULL;
}

static void destroy_skeleton(void *self)
{
	${prefix}__destroy(self);
}

__attribute__((constructor)) static void add_skeleton(void)
{
	bpf_app_skeleton_add("${name}", open_skeleton, destroy_skeleton);
}
`;
}

/** The action `bpf-app skeleton-c NAME OBJECT`, whose text goes to standard output. */
export const skeletonSourceAction: Action = async ([name, object], { root }) => {
  if (name === undefined || object === undefined) throw new Failure("skeleton", { kind: "skeleton-usage" });
  return skeletonSource(name, await readFile(resolve(root, object)));
};

// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/usdt.bpf.h>
#include <bpf_app.h>
#include "usdt.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
	__type(value, struct event);
} rb SEC(".maps");

BPF_APP_DROPS(rb);

static struct event *reserve(enum what what)
{
	struct event *e = bpf_app_reserve(rb, sizeof(*e));

	if (!e)
		return NULL;
	__builtin_memset(e, 0, sizeof(*e));
	e->pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(&e->comm, sizeof(e->comm));
	e->what = what;
	return e;
}

/* The beginning of std::type_info. Only the name is used here. */
struct type_info {
	const void *vtable;
	const char *name;
};

static int exception(enum what what, const struct type_info *type)
{
	struct event *e = reserve(what);
	const char *name;

	if (!e)
		return 0;
	/* The memory of a process may not be present. Then the helpers fail, and the name stays empty. */
	if (!bpf_probe_read_user(&name, sizeof(name), &type->name))
		bpf_probe_read_user_str(e->type, sizeof(e->type), name);
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/*
 * A statically defined probe is a place that the authors of a program have marked, so that others can watch it. It
 * consists of a nop instruction, and of a note in the file that says where the nop is, and in which registers or memory
 * its arguments are. Unlike a function, it keeps its name and its meaning from version to version.
 *
 * The section names the file, the provider and the probe. libbpf reads the note, and sets a breakpoint on the nop.
 */
SEC("usdt/libstdc++.so.6:libstdcxx:throw")
int BPF_USDT(thrown, void *object, struct type_info *type)
{
	return exception(THROW, type);
}

/* The section names no probe, so skel.attach() leaves it out. The user side attaches it twice, each with a cookie. */
SEC("usdt")
int BPF_USDT(handled, void *object, struct type_info *type)
{
	return exception(bpf_usdt_cookie(ctx), type);
}

/* Nothing is known about this probe beforehand, so its arguments are read one by one. */
SEC("usdt")
int hit(struct pt_regs *ctx)
{
	struct event *e = reserve(OTHER);
	long value;

	if (!e)
		return 0;
	e->count = bpf_usdt_arg_cnt(ctx);
	for (int i = 0; i < 3; i++) {
		/* The value is 0 if the probe has fewer arguments. */
		bpf_usdt_arg(ctx, i, &value);
		e->arguments[i] = value;
	}
	bpf_ringbuf_submit(e, 0);
	return 0;
}

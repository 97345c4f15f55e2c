// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf_app.h>
#include "fentry.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
	__type(value, struct event);
} events SEC(".maps");

BPF_APP_DROPS(events);

/* 0: all processes. Constant once loaded. */
const volatile int only_pid = 0;

static void send(struct filename *name, _Bool left, int result)
{
	int pid = bpf_get_current_pid_tgid() >> 32;
	struct event *e;

	if (only_pid && pid != only_pid)
		return;
	e = bpf_app_reserve(events, sizeof(*e));
	if (!e)
		return;
	e->pid = pid;
	e->left = left;
	e->result = result;
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	/*
	 * `name->name` is a plain access to kernel memory. It is allowed because the verifier knows, from the kernel's
	 * BTF, that name points to a struct filename; a kprobe, which gets registers, would need a helper. The text itself
	 * has no length that is known beforehand, and so it takes a helper here too.
	 */
	bpf_probe_read_kernel_str(e->filename, sizeof(e->filename), name->name);
	bpf_ringbuf_submit(e, 0);
}

/*
 * Called by the kernel's function itself, at its entry, without the interrupt that a kprobe takes (Linux 5.5). Up to
 * Linux 6.19 it is this function that removes a file's name; since 7.0 it is filename_unlinkat(), with the same
 * arguments, and the user side names that as the target before loading.
 */
SEC("fentry/do_unlinkat")
int BPF_PROG(enter, int dfd, struct filename *name)
{
	(void)dfd;
	send(name, false, 0);
	return 0;
}

/* At the return there are the arguments, as they were at the entry, and behind them the result. */
SEC("fexit/do_unlinkat")
int BPF_PROG(leave, int dfd, struct filename *name, int result)
{
	(void)dfd;
	send(name, true, result);
	return 0;
}

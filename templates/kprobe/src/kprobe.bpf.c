// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf_app.h>
#include "kprobe.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
	__type(value, struct event);
} events SEC(".maps");

BPF_APP_DROPS(events);

/* 0: all processes. Constant once loaded. */
const volatile int only_pid = 0;

/* An event of the process that runs, or NULL if it is of no interest or there is no room. */
static struct event *new_event(void)
{
	int pid = bpf_get_current_pid_tgid() >> 32;
	struct event *e;

	if (only_pid && pid != only_pid)
		return NULL;
	e = bpf_app_reserve(events, sizeof(*e));
	if (!e)
		return NULL;
	e->pid = pid;
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	return e;
}

/*
 * A kprobe interrupts nearly any function of the kernel, at its first instruction. This one removes a file's name; it is
 * called do_unlinkat() up to Linux 6.19 and filename_unlinkat() since 7.0, and so the user side says where to attach.
 * Where the name is certain, SEC("kprobe/do_unlinkat") would do it.
 *
 * What it hands to us are the registers. The macro takes the arguments out of them, in the function's order; nothing
 * checks that their types are right, so look them up in the kernel's source.
 */
SEC("kprobe")
int BPF_KPROBE(enter, int dfd, struct filename *name)
{
	struct event *e = new_event();

	(void)dfd;
	if (!e)
		return 0;
	e->left = false;
	e->result = 0;
	/* First the pointer out of the structure, then the text it points to. */
	bpf_probe_read_kernel_str(e->filename, sizeof(e->filename), BPF_CORE_READ(name, name));
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/*
 * The same when the function returns. The result is in a register; the arguments are gone, because the function has
 * used their registers for other things. Whoever needs them keeps them in a map at the entry, or uses fexit.
 */
SEC("kretprobe")
int BPF_KRETPROBE(leave, int result)
{
	struct event *e = new_event();

	if (!e)
		return 0;
	e->left = true;
	e->result = result;
	e->filename[0] = 0;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

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

/* If it is 0, all processes are traced. The user side sets it before loading; after that it is constant. */
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
	 * `name->name` is a plain access to kernel memory. It is allowed because the verifier knows from the kernel's
	 * BTF that name points to a struct filename. A kprobe, which gets only registers, would need a helper for this.
	 * The text itself needs a helper here too, because its length is not known beforehand.
	 */
	bpf_probe_read_kernel_str(e->filename, sizeof(e->filename), name->name);
	bpf_ringbuf_submit(e, 0);
}

/*
 * The kernel's function itself calls this program at its entry (Linux 5.5), without the interrupt that a kprobe needs.
 * Up to Linux 6.19 this function removes a file's name. Since 7.0 filename_unlinkat() does so, with the same arguments;
 * the user side then sets that one as the target before loading.
 */
SEC("fentry/do_unlinkat")
int BPF_PROG(enter, int dfd, struct filename *name)
{
	(void)dfd;
	send(name, false, 0);
	return 0;
}

/* At the return a program gets the arguments as they were at the entry, followed by the result. */
SEC("fexit/do_unlinkat")
int BPF_PROG(leave, int dfd, struct filename *name, int result)
{
	(void)dfd;
	send(name, true, result);
	return 0;
}

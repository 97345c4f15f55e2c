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

/* If it is 0, all processes are traced. The user side sets it before loading; after that it is constant. */
const volatile int only_pid = 0;

/* Reserves an event for the current process. It is NULL if the process is not traced or there is no room. */
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
 * A kprobe interrupts a function of the kernel, nearly any one, at its first instruction. This function removes a
 * file's name. It is called do_unlinkat() up to Linux 6.19 and filename_unlinkat() since 7.0, so the user side says
 * where to attach. If the name were certain, SEC("kprobe/do_unlinkat") would be enough.
 *
 * A kprobe gets the registers. The macro takes the arguments out of them, in the function's order. Nothing checks
 * whether their types are correct, so look them up in the kernel's source.
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
	/* Reads the pointer from the structure, and then the text to which it points. */
	bpf_probe_read_kernel_str(e->filename, sizeof(e->filename), BPF_CORE_READ(name, name));
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/*
 * A kretprobe runs when the function returns. The result is in a register. The arguments are lost by then, because the
 * function has used their registers for other things. A program that needs them keeps them in a map at the entry, or
 * uses fexit.
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

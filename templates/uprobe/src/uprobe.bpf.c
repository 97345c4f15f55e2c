// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf_app.h>
#include "uprobe.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
	__type(value, struct event);
} rb SEC(".maps");

BPF_APP_DROPS(rb);

static struct event *reserve(_Bool by_hand, _Bool returned)
{
	struct event *e = bpf_app_reserve(rb, sizeof(*e));

	if (!e)
		return NULL;
	e->pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(&e->comm, sizeof(e->comm));
	e->by_hand = by_hand;
	e->returned = returned;
	return e;
}

static int called(_Bool by_hand, long a, long b, long c)
{
	struct event *e = reserve(by_hand, 0);

	if (!e)
		return 0;
	e->arguments[0] = a;
	e->arguments[1] = b;
	e->arguments[2] = c;
	e->result = 0;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

static int returned(_Bool by_hand, long result)
{
	struct event *e = reserve(by_hand, 1);

	if (!e)
		return 0;
	__builtin_memset(e->arguments, 0, sizeof(e->arguments));
	e->result = result;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/*
 * The kernel puts a breakpoint on the function's first instruction, in every process that has mapped the file. The
 * section names the file and the function. The name of a library is enough, because libbpf searches the folders of
 * libraries.
 *
 * BPF_UPROBE takes the arguments out of the registers of the calling convention. Nothing checks whether the types are
 * correct: int getpriority(int which, id_t who).
 */
SEC("uprobe/libc.so.6:getpriority")
int BPF_UPROBE(getpriority_called, int which, int who)
{
	return called(0, which, who, 0);
}

/*
 * When the function returns, the registers of the call have been overwritten, so there is the result but no argument. A
 * program that needs both puts the arguments into a map, with bpf_get_current_pid_tgid() as the key, and reads them
 * here.
 */
SEC("uretprobe/libc.so.6:getpriority")
int BPF_URETPROBE(getpriority_returned, int result)
{
	return returned(0, result);
}

/* These sections name no file and no function, so skel.attach() leaves them out, and the user side attaches them. */
SEC("uprobe")
int BPF_UPROBE(function_called, long a, long b, long c)
{
	return called(1, a, b, c);
}

SEC("uretprobe")
int BPF_URETPROBE(function_returned, long result)
{
	return returned(1, result);
}

// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include <vmlinux.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "task_iter.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* 0: all processes. */
const volatile int only_pid = 0;
/* Whether to list every thread, or only the first one of each process. */
const volatile _Bool threads = 0;

/*
 * A program has a stack of 512 bytes, which is too small for a row. An array with one element is the usual way to get
 * more memory. Each CPU has its own element, because several readers may run the program at the same time.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, unsigned int);
	__type(value, struct task_row);
} scratch SEC(".maps");

/*
 * The field __state of vmlinux.h was `long state` before Linux 5.14. libbpf ignores everything from the three
 * underscores on: it looks for task_struct in the types of the running kernel, and for the field there.
 */
struct task_struct___before_5_14 {
	long state;
} __attribute__((preserve_access_index));

static unsigned int state_of(struct task_struct *task)
{
	struct task_struct___before_5_14 *old = (void *)task;

	/* This is decided when the program is loaded, so the verifier sees only the branch for its own kernel. */
	if (bpf_core_field_exists(task->__state))
		return task->__state | task->exit_state;
	return old->state | task->exit_state;
}

/*
 * Called when user space reads from the iterator's file descriptor: once for each task, and at the end once more
 * without a task. read() returns the bytes that the program writes.
 */
SEC("iter/task")
int each_task(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct task_row *row;
	unsigned int zero = 0;
	long bytes;

	if (!task)
		return 0;
	/* The verifier knows the type of the pointer, so fields can be read without a helper. */
	if (!threads && task->pid != task->tgid)
		return 0;
	if (only_pid && task->tgid != only_pid)
		return 0;

	row = bpf_map_lookup_elem(&scratch, &zero);
	if (!row)
		return 0;
	row->pid = task->tgid;
	row->tid = task->pid;
	row->state = state_of(task);
	bpf_probe_read_kernel_str(row->comm, sizeof(row->comm), task->comm);

	/* This fails for a task that is just being created or is exiting. Such a task is listed without its stack. */
	bytes = bpf_get_task_stack(task, row->stack, sizeof(row->stack), 0);
	row->depth = bytes > 0 ? bytes / sizeof(row->stack[0]) : 0;

	bpf_seq_write(ctx->meta->seq, row, sizeof(*row));
	return 0;
}

// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A bit of everything, to be opened and closed many times. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, __u64);
} rb SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} table SEC(".maps");

const volatile unsigned int step = 1;
unsigned int calls = 0;
unsigned int list[1] SEC(".data.list");

SEC("raw_tp/task_rename")
int on_rename(void *ctx)
{
	calls += step;
	return 0;
}

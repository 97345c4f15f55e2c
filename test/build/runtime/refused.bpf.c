// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Programs that the kernel does not accept. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, int);
	__type(value, int);
} table SEC(".maps");

SEC("tp/syscalls/sys_enter_getpgid")
int unchecked(void *ctx)
{
	int key = 0;
	int *value = bpf_map_lookup_elem(&table, &key);

	return *value; /* may be NULL */
}

SEC("tp/syscalls/no_such_tracepoint")
int nowhere(void *ctx)
{
	return 0;
}

SEC("fentry/no_such_function")
int no_function(void *ctx)
{
	return 0;
}

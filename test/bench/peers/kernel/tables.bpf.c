// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Maps that are read, written and emptied as wholes. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "peers.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TABLE_ENTRIES);
	__type(key, __u32);
	__type(value, __u64);
} hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, HOT_ENTRIES);
	__type(key, __u32);
	__type(value, __u64);
} hot SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, PER_CPU_ENTRIES);
	__type(key, __u32);
	__type(value, __u64);
} per_cpu SEC(".maps");

SEC("socket")
int keep(void *context)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&per_cpu, &key);

	return value && bpf_map_lookup_elem(&hash, &key) && bpf_map_lookup_elem(&hot, &key) ? 1 : 0;
}

// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A map of every kind that user space reads and writes. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct pair {
	__u32 a;
	__u32 b;
	__u64 c;
};

struct prefix {
	__u32 prefixlen;
	__u8 address[4];
};

#define MAP(name, kind, entries, K, V)             \
	struct {                                   \
		__uint(type, BPF_MAP_TYPE_##kind); \
		__uint(max_entries, entries);      \
		__type(key, K);                    \
		__type(value, V);                  \
	} name SEC(".maps")

MAP(hash, HASH, 5000, __u64, __u64);
MAP(lru, LRU_HASH, 100, __u32, struct pair);
MAP(percpu_hash, PERCPU_HASH, 100, __u32, __u64);
MAP(array, ARRAY, 8, __u32, struct pair);
MAP(percpu_array, PERCPU_ARRAY, 2, __u32, __u32);

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct pair);
} mapped SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 8);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix);
	__type(value, __u32);
} routes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 3);
	__type(value, __u64);
} queue SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, 3);
	__type(value, __u64);
} stack SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
	__uint(max_entries, 100);
	__type(value, __u64);
} bloom SEC(".maps");

struct inner {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10);
	__type(key, __u32);
	__type(value, __u64);
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 10);
	__type(key, __u32);
	__array(values, struct inner);
} hash_of_maps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct inner);
} array_of_maps SEC(".maps");

#define REFERENCES(name, kind, entries)            \
	struct {                                   \
		__uint(type, BPF_MAP_TYPE_##kind); \
		__uint(max_entries, entries);      \
		__uint(key_size, 4);               \
		__uint(value_size, 4);             \
	} name SEC(".maps")

REFERENCES(programs, PROG_ARRAY, 4);
REFERENCES(cgroups, CGROUP_ARRAY, 2);
REFERENCES(sockets, SOCKMAP, 2);
REFERENCES(socket_hash, SOCKHASH, 2);

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 64);
	__uint(key_size, 4);
	__uint(value_size, 127 * 8);
} stacks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} tasks SEC(".maps");

int stack_id = -1;
unsigned long long found = 0;

SEC("syscall")
int walk(void *ctx)
{
	__u32 key = 2;
	struct pair *pair = bpf_map_lookup_elem(&mapped, &key);

	if (pair) {
		found = pair->a + pair->b + pair->c;
		pair->a++;
	}
	return 0;
}

SEC("socket")
int tail(void *ctx)
{
	return 0;
}

SEC("tp/syscalls/sys_enter_getpgid")
int on_getpgid(void *ctx)
{
	stack_id = bpf_get_stackid(ctx, &stacks, BPF_F_USER_STACK);
	return 0;
}

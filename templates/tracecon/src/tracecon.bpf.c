// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf_app.h>
#include "tracecon.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define AF_INET 2
#define MAX_RESULTS 32

/* The C library's answer, as in <netdb.h>. It is not among the kernel's types. */
struct addrinfo {
	int ai_flags, ai_family, ai_socktype, ai_protocol;
	u32 ai_addrlen;
	struct sockaddr_in *ai_addr;
	char *ai_canonname;
	struct addrinfo *ai_next;
};

struct lookup {
	const char *host;
	struct addrinfo **result;
};

struct name_key {
	u32 pid;
	u32 address;
};

struct name {
	char host[HOST_LEN];
};

/* Arguments are lost when a function returns, so they are kept here by thread. A thread is in one call at a time. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, u32);
	__type(value, struct lookup);
} lookups SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, u32);
	__type(value, struct sock *);
} sockets SEC(".maps");

/* Nobody says when a name is not needed any more. When an LRU map is full, it drops the least recently used entry. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct name_key);
	__type(value, struct name);
} names SEC(".maps");

/* A queue for each CPU. It tells the user side how many events were lost. */
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(int));
	__uint(value_size, sizeof(int));
} events SEC(".maps");

BPF_APP_EVENT(events, struct event);

/* If it is 0, all processes are traced. The user side sets it before loading; after that it is constant. */
const volatile unsigned int only_pid = 0;

static bool is_traced(u64 id)
{
	return !only_pid || id >> 32 == only_pid;
}

SEC("uprobe/libc.so.6:getaddrinfo")
int BPF_UPROBE(lookup_begins, const char *host, const char *service, const void *hints, struct addrinfo **result)
{
	u64 id = bpf_get_current_pid_tgid();
	u32 thread = id;
	/*
	 * Only the address of the name is kept here. Its page may still be on disk, and a BPF program cannot wait for
	 * it. When the function returns, it has read the name, so the name is in memory.
	 */
	struct lookup lookup = { .host = host, .result = result };

	(void)service;
	(void)hints;
	if (is_traced(id) && host)
		bpf_map_update_elem(&lookups, &thread, &lookup, BPF_ANY);
	return 0;
}

static void remember(u32 pid, struct lookup *lookup)
{
	struct name_key key = { .pid = pid };
	struct addrinfo *next, result;
	struct name name = {};

	if (bpf_probe_read_user_str(name.host, sizeof(name.host), lookup->host) < 0)
		return;
	if (bpf_probe_read_user(&next, sizeof(next), lookup->result))
		return;
	/*
	 * The list is in the process's memory. The loop is bounded, because the verifier must see that every loop ends.
	 */
	for (int i = 0; i < MAX_RESULTS && next; i++) {
		if (bpf_probe_read_user(&result, sizeof(result), next))
			return;
		next = result.ai_next;
		if (result.ai_family != AF_INET)
			continue;
		if (bpf_probe_read_user(&key.address, sizeof(key.address), &result.ai_addr->sin_addr))
			continue;
		bpf_map_update_elem(&names, &key, &name, BPF_ANY);
	}
}

SEC("uretprobe/libc.so.6:getaddrinfo")
int BPF_URETPROBE(lookup_ends, int error)
{
	u64 id = bpf_get_current_pid_tgid();
	u32 thread = id;
	struct lookup *lookup = bpf_map_lookup_elem(&lookups, &thread);

	if (!lookup)
		return 0;
	if (!error)
		remember(id >> 32, lookup);
	bpf_map_delete_elem(&lookups, &thread);
	return 0;
}

/* The kernel's function for connect(2) with TCP over IPv4. For IPv6 it is tcp_v6_connect. */
SEC("kprobe/tcp_v4_connect")
int BPF_KPROBE(connect_begins, struct sock *sk)
{
	u64 id = bpf_get_current_pid_tgid();
	u32 thread = id;

	if (is_traced(id))
		bpf_map_update_elem(&sockets, &thread, &sk, BPF_ANY);
	return 0;
}

/* At the return the socket has its destination, and the first packet is on its way. */
SEC("kretprobe/tcp_v4_connect")
int BPF_KRETPROBE(connect_ends, int error)
{
	u64 id = bpf_get_current_pid_tgid();
	u32 thread = id;
	struct sock **kept = bpf_map_lookup_elem(&sockets, &thread), *sk;
	struct name_key key = { .pid = id >> 32 };
	struct event e = {};
	struct name *name;

	if (!kept)
		return 0;
	sk = *kept;
	bpf_map_delete_elem(&sockets, &thread);
	if (error)
		return 0;

	key.address = BPF_CORE_READ(sk, __sk_common.skc_daddr);
	e.port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	e.pid = id >> 32;
	__builtin_memcpy(e.address, &key.address, sizeof(e.address));
	bpf_get_current_comm(e.comm, sizeof(e.comm));
	name = bpf_map_lookup_elem(&names, &key);
	if (name)
		bpf_probe_read_kernel_str(e.host, sizeof(e.host), name->host);
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &e, sizeof(e));
	return 0;
}

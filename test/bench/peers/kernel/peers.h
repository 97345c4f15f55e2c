/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef PEERS_H
#define PEERS_H

/* What all rivals read. It has 48 bytes; with its header a record takes 56 bytes of a ring buffer. */
struct event {
	__u64 timestamp;
	__u64 duration;
	__u32 pid;
	__u32 tid;
	__u32 cpu;
	__u32 kind;
	char comm[16];
};

/* Set before load: whose events are wanted, and how many of them each one makes. It is all that .rodata holds. */
struct settings {
	__u32 target;
	__u32 burst;
};

/* Read at the end. It is all that .bss holds. */
struct counters {
	__u64 produced;
	__u64 dropped;
};

struct work {
	__u32 count;
};

/* For each CPU, as the perf rings are. */
#define RATES_SIZE (1024 * 1024)
#define DRAIN_SIZE (64 * 1024 * 1024)
#define TABLE_ENTRIES 1000000
#define PER_CPU_ENTRIES 100000
/* A table that stays in the processor's caches, and how often it is read at a time. */
#define HOT_ENTRIES 10000
#define HOT_TIMES 20

#endif

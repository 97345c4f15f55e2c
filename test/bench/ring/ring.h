/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef RING_H
#define RING_H

/* 48 bytes; with its header a record takes 56 bytes of the ring. */
struct event {
	__u64 timestamp;
	__u64 duration;
	__u32 pid;
	__u32 tid;
	__u32 cpu;
	__u32 kind;
	char comm[16];
};

#define RING_SIZE (64 * 1024 * 1024)

#endif

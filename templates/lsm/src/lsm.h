/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#ifndef LSM_H
#define LSM_H

struct bpf_call {
	int pid;
	enum bpf_cmd command;
	char comm[16];
	_Bool denied;
};

#endif

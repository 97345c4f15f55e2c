/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#ifndef TASK_ITER_H
#define TASK_ITER_H

#define MAX_DEPTH 32

struct task_row {
	int pid; /* the process, as user space calls it: the kernel's tgid */
	int tid; /* the thread: the kernel's pid */
	unsigned int state; /* TASK_RUNNING, …, and EXIT_ZOMBIE, … */
	int depth; /* the number of addresses in the stack; 0 if it could not be read */
	char comm[16];
	unsigned long long stack[MAX_DEPTH]; /* where the thread is in the kernel, the innermost address first */
};

#endif

// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
// The program of the template minimal, which asks nothing of the kernel's types.
#include "minimal.bpf.c"

#!/bin/busybox sh
# First process of a guest: makes the file systems a BPF program may want, runs every cell, powers off.
/bin/busybox mkdir -p /proc /sys /dev /tmp /run /app /sbin
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox --install -s /bin
export PATH=/bin HOME=/tmp
# Frames go to the second serial port. On arm64 the first one is the board's own, which has another driver.
frames=/dev/ttyS1
if [ -e /dev/ttyAMA0 ]; then frames=/dev/ttyS0; fi
stty -F $frames raw
mkdir -p /dev/shm /dev/pts
mount -t tmpfs tmp /tmp
mount -t tmpfs run /run
mount -t tmpfs shm /dev/shm
mount -t tracefs tracefs /sys/kernel/tracing
mount -t debugfs debugfs /sys/kernel/debug
mount -t bpf bpf /sys/fs/bpf
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t securityfs securityfs /sys/kernel/security
if [ -e /disk ]; then mount -t ext4 -o ro /dev/nvme0n1 /app; fi
ip link set lo up
for module in $(cat /modules/order); do insmod "/modules/$module"; done
if [ -d /lib/own ]; then export LD_LIBRARY_PATH=/lib/own; fi
for cell in /cells/*; do runner "$cell" >$frames; done
printf '@frame bye 0\n\n' >$frames
sync
poweroff -f

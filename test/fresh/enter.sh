# Runs a command in a machine of its own: sh -c "$(cat enter.sh)" enter LOWER STATE TRACEFS INSIDE. To be started in new
# mount, PID, IPC and UTS namespaces, whose end takes everything away that is mounted or started here.
# LOWER is a root file system, which stays as it is; STATE has the folders upper, work and root; TRACEFS is yes or no;
# INSIDE is the script that goes on in the new root.
set -eu
lower=$1 state=$2 tracefs=$3 inside=$4
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$state/upper,workdir=$state/work" "$state/root" || {
	echo "fresh: no overlay could be mounted in $state; it has to lie on a disk's file system (see XDG_CACHE_HOME)" >&2
	exit 125
}
cd "$state/root"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t bpf bpf sys/fs/bpf
mount -t cgroup2 cgroup2 sys/fs/cgroup
if [ "$tracefs" = yes ]; then mount -t tracefs tracefs sys/kernel/tracing; fi
# The devices that every container has. The machine's own /dev would let a command reach its disks.
mount -t tmpfs -o mode=755 tmpfs dev
mkdir dev/pts dev/shm
mknod -m 666 dev/null c 1 3
mknod -m 666 dev/zero c 1 5
mknod -m 666 dev/full c 1 7
mknod -m 666 dev/random c 1 8
mknod -m 666 dev/urandom c 1 9
mknod -m 666 dev/tty c 5 0
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
mount -t tmpfs tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
hostname fresh
mkdir -p .old
pivot_root . .old
exec chroot . /bin/sh -c "$inside"

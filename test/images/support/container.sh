#!/bin/sh
# Starts an image as ECS does: its own user, mounts, processes and IPC, a read-only root, no capability.
# container.sh ROOT USER GROUP WORKDIR VOLUMES VARIABLES COMMAND…
#   VOLUMES, VARIABLES: one in each line, FOLDER:PATH:ro|rw and NAME=VALUE.
set -eu
root=$1 user=$2 group=$3 workdir=$4 volumes=$5 variables=$6
shift 6
mount --make-rprivate /
mount --bind "$root" "$root"
mount -o remount,bind,ro,nosuid,nodev "$root"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount -t tmpfs -o mode=755,size=64k tmpfs "$root/dev"
for device in null zero urandom random; do
  : >"$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
ln -s /proc/self/fd "$root/dev/fd"
for stream in stdin:0 stdout:1 stderr:2; do ln -s "/proc/self/fd/${stream#*:}" "$root/dev/${stream%:*}"; done
printf '%s\n' "$volumes" | while IFS=: read -r folder path mode; do
  mount --bind "$folder" "$root$path"
  mount -o "remount,bind,$mode,nosuid,nodev,noexec" "$root$path"
done
IFS='
'
set -f
exec env -i $variables "$(command -v capsh)" --no-new-privs --chroot="$root" --drop=all --inh= --addamb= \
  --groups= --gid="$group" --uid="$user" --shell=/bin/sh -- -c 'cd "$0" && exec "$@"' "$workdir" "$@"

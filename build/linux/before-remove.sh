#!/bin/sh
# Runs as root before the package's files go, as prerm of Debian's and %preun of RPM's packages: takes
# Sentra's hands off everything. What fails is told, and never keeps the package from being removed.

# Debian says `remove`, RPM how many versions are left. Whatever else is an upgrade, or its undoing.
case "${1:-}" in
  remove | 0) ;;
  *) exit 0 ;;
esac

program=/opt/Sentra/sentra
[ -x "$program" ] || exit 0

# One that runs would put walls up again. By the very file that it runs: a container may have one of that
# name. An upgrade has replaced the file of whoever runs since before it.
is_ours() {
  [ "$1/exe" -ef "$program" ] && return
  [ "$(readlink "$1/exe")" = "$program (deleted)" ] && [ "$1/ns/mnt" -ef /proc/self/ns/mnt ]
}
running() {
  for process in /proc/[0-9]*; do
    is_ours "$process" 2>/dev/null && echo "${process#/proc/}"
  done
  return 0
}
tries=0
while found=$(running) && [ -n "$found" ] && [ "$tries" -le 20 ]; do
  # A word each.
  case "$tries" in
    0) kill -TERM $found 2>/dev/null ;;
    20) kill -KILL $found 2>/dev/null ;;
  esac
  sleep 0.5
  tries=$((tries + 1))
done

# Two minutes each, so that an engine that hangs does not hold up the removal.
# What a person's Sentra holds stands in that person's record, and what starts it with the session in
# that home: as that person, never as root in somebody's home. Nothing is taken over from the environment
# of whoever removes the package, which may name that one's engine, record or home.
getent passwd | while IFS=: read -r user _ uid _ _ home _; do
  [ "$uid" -ge 1000 ] && [ "$uid" -ne 65534 ] || continue
  [ -d "$home/.local/state/sentra" ] || [ -e "$home/.config/autostart/dev.sentra.app.desktop" ] ||
    continue
  echo "Sentra: taking its hands off everything of $user"
  # Without a screen: whoever removes it from afar has none.
  timeout -k 10 120 runuser -u "$user" -- \
    env -i "PATH=$PATH" "HOME=$home" "XDG_RUNTIME_DIR=/run/user/$uid" \
    "$program" disarm --yes --ozone-platform=headless </dev/null ||
    echo "Sentra: not all of it is gone; see above"
done

# The machine's own: walls, resolvers and gates, whoever put them up, and the helper.
echo "Sentra: taking its hands off everything of this machine"
# Chromium runs as root without its sandbox alone; no page is loaded.
timeout -k 10 120 env -i "PATH=$PATH" HOME=/root \
  "$program" disarm --yes --no-sandbox --ozone-platform=headless </dev/null ||
  echo "Sentra: not all of it is gone; see above"
exit 0

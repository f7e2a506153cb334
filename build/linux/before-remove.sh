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

# One that runs would put walls up again. By the very file that it runs, not by a name.
running() {
  for process in /proc/[0-9]*; do
    [ "$(readlink "$process/exe" 2>/dev/null)" = "$program" ] && echo "${process#/proc/}"
  done
}
for process in $(running); do kill -TERM "$process" 2>/dev/null; done
tries=0
while [ -n "$(running)" ] && [ "$tries" -lt 20 ]; do
  sleep 0.5
  tries=$((tries + 1))
done
for process in $(running); do kill -KILL "$process" 2>/dev/null; done

# What a person's Sentra holds stands in that person's record, and what starts it with the session in
# that home: as that person, never as root in somebody's home.
getent passwd | while IFS=: read -r user _ uid _ _ home _; do
  [ "$uid" -ge 1000 ] && [ "$uid" -lt 60000 ] || continue
  [ -d "$home/.local/state/sentra" ] || [ -e "$home/.config/autostart/dev.sentra.app.desktop" ] ||
    continue
  echo "Sentra: taking its hands off everything of $user"
  # Without a screen: whoever removes it from afar has none.
  runuser -u "$user" -- env "HOME=$home" "$program" disarm --yes --ozone-platform=headless \
    </dev/null ||
    echo "Sentra: not all of it is gone; see above"
done

# The machine's own: walls, resolvers and gates, whoever put them up, and the helper.
echo "Sentra: taking its hands off everything of this machine"
# Chromium runs as root without its sandbox alone; no page is loaded.
"$program" disarm --yes --no-sandbox --ozone-platform=headless </dev/null ||
  echo "Sentra: not all of it is gone; see above"
exit 0

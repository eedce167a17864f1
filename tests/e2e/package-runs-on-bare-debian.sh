# The package installs on a Debian 12 with nothing but the base system, brings
# what it needs, and the program runs there. Takes minutes and the network, so
# only where VAM_BARE_DEBIAN is set.
[ -n "${VAM_BARE_DEBIAN:-}" ] || skip 'VAM_BARE_DEBIAN is not set'
[ "$(id -u)" -eq 0 ] || skip 'not root'
for tool in debootstrap dpkg-shlibdeps cpack; do
  command -v "$tool" >/dev/null || skip "no $tool"
done
cpack --config "$VAM_BUILD/CPackConfig.cmake" -G DEB -B "$PWD/package" \
  >messages 2>&1 || fail "$(cat messages)"
deb=$(realpath package/*.deb)

debootstrap --variant=minbase bookworm bare >messages 2>&1 ||
  skip "no bare system: $(tail -n 1 messages)"
# Daemons are not to be started.
printf '#!/bin/sh\nexit 101\n' >bare/usr/sbin/policy-rc.d
chmod +x bare/usr/sbin/policy-rc.d
cp "$deb" bare/vam-analyze.deb
inside() { chroot bare env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "$@"; }
install() { inside apt-get install -y --no-install-recommends "$@" /vam-analyze.deb; }
inside apt-get update >messages 2>&1 || skip "no packages: $(tail -n 1 messages)"
install --simulate >messages 2>&1 || fail "$(cat messages)"
install --download-only >messages 2>&1 ||
  skip "no packages: $(tail -n 1 messages)"
install >messages 2>&1 || fail "$(cat messages)"

photo bare/root/Pictures/lake.jpg 1
photo bare/root/Pictures/hill.jpg 2
cp -p bare/root/Pictures/lake.jpg bare/root/Pictures/copy.jpg
inside vam-analyze /root/Pictures 2>messages || fail "$(cat messages)"
# Its libraries may be older, or newer, than those here.
without_numbers() {
  sed -E 's/ [0-9]+\.[0-9][^ ]* */ /; s/  +/ /g'
}
inside vam-analyze --version | without_numbers |
  cmp - <(vam-analyze --version | without_numbers)

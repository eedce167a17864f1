# What is installed is all that a user needs, and the program runs from there.
build=$VAM_BUILD
command -v cmake >/dev/null || skip 'no cmake'
cmake --install "$build" --prefix "$PWD/usr" >messages
(cd usr && find . -type f | sort)
usr/bin/vam-analyze --version | cmp - <(vam-analyze --version)
usr/bin/vam-apply --version | cmp - <(vam-apply --version)

command -v dpkg-shlibdeps >/dev/null || skip 'no dpkg-dev for the package'
cpack --config "$build/CPackConfig.cmake" -G DEB -B "$PWD/package" \
  >messages 2>&1 || {
  cat messages >&2
  fail 'no package'
}
deb=$(find package -maxdepth 1 -name '*.deb')
dpkg-deb -f "$deb" Package Section
dpkg-deb -f "$deb" Depends | grep -q 'libjpeg62-turbo.*libsqlite3-0' ||
  fail 'the package does not name what it needs'
dpkg-deb -x "$deb" unpacked
unpacked/usr/bin/vam-analyze --version | cmp - <(vam-analyze --version)
unpacked/usr/bin/vam-apply --version | cmp - <(vam-apply --version)

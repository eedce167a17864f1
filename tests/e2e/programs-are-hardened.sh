# The programs are built so that a mistake in them is hard to make use of: at
# addresses that nobody knows, with canaries on the stack, calls by a table that
# cannot be written to, no stack that can be run, and, where they are optimised,
# checked calls of the C library.
command -v readelf >/dev/null || skip 'no readelf'
folder=$(dirname -- "$(command -v vam-analyze)")
for program in "$folder/vam-analyze" "$folder/vam-apply"; do
  readelf -hldsW "$program" >elf
  has() { grep -Eq -- "$1" elf || fail "$program lacks $1"; }
  has 'Type: +DYN'
  has 'Flags:.* PIE'
  has 'GNU_RELRO'
  has 'Flags:.* NOW'
  has '__stack_chk_fail'
  has 'GNU_STACK .* RW +0'
  if grep -Eq '^CMAKE_BUILD_TYPE:.*=Rel' "$folder/CMakeCache.txt"; then
    has '__[a-z]+_chk@GLIBC'
  fi
done

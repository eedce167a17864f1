# The program of docs/library.md is built with the installed library, and runs.
command -v cmake >/dev/null || skip 'no cmake'
build=$VAM_BUILD
cached() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }
block() { sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/{/^\`\`\`/d;p}" "$docs/library.md"; }
docs=$(cached CMAKE_HOME_DIRECTORY)/docs

cmake --install "$build" --prefix "$PWD/usr" --component library >messages
mkdir project
block cmake >project/CMakeLists.txt
block cpp >project/duplicates.cpp
sanitizers=$(cached VAM_SANITIZE)
cmake -S project -B built -D CMAKE_PREFIX_PATH="$PWD/usr" \
  -D CMAKE_CXX_COMPILER="$(cached CMAKE_CXX_COMPILER)" \
  -D CMAKE_CXX_FLAGS="-Wall -Wextra ${sanitizers:+-fsanitize=$sanitizers}" \
  -D CMAKE_COMPILE_WARNING_AS_ERROR=ON >messages 2>&1 &&
  cmake --build built >messages 2>&1 || fail "$(cat messages)"

photo photos/lake.jpg 1
photo photos/hill.jpg 2
cp -p photos/lake.jpg photos/copy.jpg
built/duplicates catalog photos
exits 2 built/duplicates 2>messages
exits 1 built/duplicates catalog none 2>messages
grep '^duplicates: ' messages >/dev/null || fail "$(cat messages)"

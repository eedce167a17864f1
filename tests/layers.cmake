# Checks the rules of the house over the #include lines of include/ and src/:
# no include runs upward or sideways between stages, a third-party library is
# included in one folder only, OpenMP is used in two, and nothing calls a shell.
# Run by ctest:
#   cmake -D ROOT=folder -P layers.cmake
#
# A room is a stage: its public header, its .cpp file or its folder.

cmake_minimum_required(VERSION 3.25)

# What the header of each room may include. One header is of no stage: what
# compiles a function for several processors.
set(may_for_each_cpu "")
set(may_error "")
set(may_image "")
set(may_glob "")
set(may_hash image)
set(may_fingerprint hash image)
set(may_scan error glob)
set(may_decode error image)
set(may_photo decode error fingerprint)
set(may_catalog photo error)
set(may_search hash error)
set(may_verify fingerprint photo)
set(may_group glob photo verify)
set(may_report error group photo)
set(may_analyze catalog decode error fingerprint group photo report scan
  search verify)
set(may_apply decode error photo scan verify)
set(may_cli analyze apply catalog decode error group hash photo report scan search
  verify)

# Which room may include a library, by the beginning of the include.
set(libraries jpeglib.h jerror.h jpegint.h png.h libexif/ expat.h tiffio.h libraw/ SQLiteCpp/
  sqlite3.h faiss/ omp.h nlohmann/ CLI/ spdlog/ xxhash.h)
set(home_jpeglib.h decode)
set(home_jerror.h decode)
set(home_jpegint.h decode)
set(home_png.h decode)
set(home_libexif/ decode)
set(home_expat.h decode)
set(home_tiffio.h decode)
set(home_libraw/ decode)
set(home_SQLiteCpp/ catalog)
set(home_sqlite3.h catalog)
set(home_faiss/ search)
set(home_omp.h search)
set(home_nlohmann/ report apply)
set(home_CLI/ cli)
set(home_spdlog/ cli)
set(home_xxhash.h photo)
list(APPEND libraries webp/ gif_lib.h libheif/ jxl/)
set(home_libheif/ decode)
set(home_jxl/ decode)
set(home_webp/ decode)
set(home_gif_lib.h decode)
list(APPEND libraries libpq-fe.h)
set(home_libpq-fe.h catalog)

set(problems "")

function(check_include file room quote included)
  if(included MATCHES "^vam/([a-z_]+)\\.hpp$")
    set(stage ${CMAKE_MATCH_1})
    if(NOT stage STREQUAL room AND NOT stage IN_LIST may_${room})
      set(problems "${problems}${file}: ${room} may not include ${included}\n"
        PARENT_SCOPE)
    endif()
    return()
  endif()
  foreach(library IN LISTS libraries)
    string(FIND "${included}" "${library}" at)
    if(at EQUAL 0 AND NOT room IN_LIST home_${library})
      set(problems
        "${problems}${file}: only ${home_${library}} may include ${included}\n"
        PARENT_SCOPE)
      return()
    endif()
  endforeach()
  # Internal headers: "folder/name.hpp", of one's own folder; cli and apply may
  # escape names as reports do, cli put numbers so, and apply open files as
  # scans do.
  if(quote STREQUAL "\"" AND included MATCHES "^([a-z_]+)/" AND
     NOT CMAKE_MATCH_1 STREQUAL room AND
     NOT (room MATCHES "^(cli|apply)$" AND included STREQUAL "report/escape.hpp") AND
     NOT (room STREQUAL "cli" AND included STREQUAL "report/words.hpp") AND
     NOT (room STREQUAL "apply" AND included STREQUAL "scan/descriptor.hpp"))
    set(problems "${problems}${file}: ${room} may not include ${included}\n"
      PARENT_SCOPE)
  endif()
endfunction()

file(GLOB_RECURSE files RELATIVE ${ROOT}
  ${ROOT}/include/*.hpp ${ROOT}/src/*.hpp ${ROOT}/src/*.cpp)
list(LENGTH files count)
if(count EQUAL 0)
  message(FATAL_ERROR "no files below ${ROOT}")
endif()
foreach(file IN LISTS files)
  string(REGEX REPLACE "^(include/vam|src)/([a-z_]+)[./].*$" "\\2" room ${file})
  if(NOT DEFINED may_${room})
    string(APPEND problems "${file}: no such room: ${room}\n")
    continue()
  endif()
  file(STRINGS ${ROOT}/${file} lines REGEX "^ *# *(include|pragma omp)")
  # Names of files must not get where a shell reads them.
  file(STRINGS ${ROOT}/${file} shells
    REGEX "(^|[^A-Za-z0-9_])(system|popen|wordexp|execl|execlp|execvp|execvpe|posix_spawnp)\\(")
  if(shells)
    string(APPEND problems "${file}: no shells, and no search for programs\n")
  endif()
  foreach(line IN LISTS lines)
    if(line MATCHES "pragma omp")
      if(NOT room MATCHES "^(analyze|search)$")
        string(APPEND problems "${file}: OpenMP is for analyze and search\n")
      endif()
    elseif(line MATCHES "# *include +([<\"])([^>\"]+)[>\"]")
      check_include(${file} ${room} ${CMAKE_MATCH_1} ${CMAKE_MATCH_2})
    endif()
  endforeach()
endforeach()
if(problems)
  message(FATAL_ERROR "The rules of the house are broken:\n${problems}")
endif()
message("${count} files keep the rules")

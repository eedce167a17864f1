# Writes a .cpp file that holds the files of the HTML report, so that the program
# needs no data files. Run at build time:
#   cmake -D FOLDER=src/report/html -D OUTPUT=page_files.cpp -P Page.cmake
set(rows "")
foreach(file index.html page.css files.js choices.js compare.js page.js)
  file(READ ${FOLDER}/${file} content)
  string(FIND "${content}" ")page\"" at)
  if(NOT at EQUAL -1)
    message(FATAL_ERROR "${file} holds the end of a raw string")
  endif()
  string(APPEND rows "    {\"${file}\", R\"page(${content})page\"},\n")
endforeach()
file(WRITE ${OUTPUT} "// Made by cmake/Page.cmake.
#include \"report/html/page.hpp\"

namespace {

constexpr vam::PageFile kFiles[] = {
${rows}};

}  // namespace

std::span<const vam::PageFile> vam::page_files() { return kFiles; }
")

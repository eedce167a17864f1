// A library outside its folder, another stage's internals, and a shell.
#include <jpeglib.h>

#include "decode/jpeg.hpp"

int run(const char* command) { return std::system(command); }

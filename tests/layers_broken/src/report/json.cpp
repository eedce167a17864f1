// A library outside its folder, and another stage's internals.
#include <jpeglib.h>

#include "decode/jpeg.hpp"

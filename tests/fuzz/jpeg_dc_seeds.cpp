// Writes small JPEGs for the fuzz target to begin with: one of each kind that
// the reader of DC coefficients takes, and some that it does not.
//
// Usage: jpeg_dc_seeds FOLDER
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "unit/jpeg_variants.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: jpeg_dc_seeds FOLDER\n");
    return 1;
  }
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  int number = 0;
  for (const std::string& file : small_jpeg_variants()) {
    std::ofstream(folder / (std::to_string(number++) + ".jpg"),
                  std::ios::binary)
        << file;
  }
}

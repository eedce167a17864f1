// The bound for the hash stage: reads files and decodes them with libjpeg-turbo
// to grey at 1/8 scale, and does nothing else. Or does the same with the
// decoder of vam-analyze, for comparison.
//
// Usage: bare_decode THREADS [libjpeg|vam] < list of paths, one per line
// Prints {"seconds": ..., "files": ..., "bytes": ...}.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>  // jpeglib.h needs it

#include <jpeglib.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "vam/decode.hpp"

namespace {

[[noreturn]] void give_up(const std::string& what) {
  std::cerr << "bare_decode: " << what << '\n';
  std::_Exit(1);
}

/// Returns the size of the file; the buffer only ever grows.
std::size_t read_file(const std::string& path,
                      std::vector<unsigned char>& buffer) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (file < 0 || fstat(file, &status) != 0) give_up("cannot open " + path);
  const auto size = static_cast<std::size_t>(status.st_size);
  if (buffer.size() < size) buffer.resize(size);
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = read(file, buffer.data() + done, size - done);
    if (count <= 0) give_up("cannot read " + path);
    done += static_cast<std::size_t>(count);
  }
  close(file);
  return size;
}

/// An error ends the program, which is libjpeg's default.
void decode(const std::vector<unsigned char>& file, std::size_t size,
            std::vector<JSAMPLE>& row) {
  jpeg_decompress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&jpeg);
  jpeg_mem_src(&jpeg, file.data(), size);
  jpeg_read_header(&jpeg, TRUE);
  jpeg.out_color_space = JCS_GRAYSCALE;
  jpeg.scale_num = 1;
  jpeg.scale_denom = 8;
  jpeg_start_decompress(&jpeg);
  if (row.size() < jpeg.output_width) row.resize(jpeg.output_width);
  JSAMPROW rows = row.data();
  while (jpeg.output_scanline < jpeg.output_height) {
    jpeg_read_scanlines(&jpeg, &rows, 1);
  }
  jpeg_finish_decompress(&jpeg);
  jpeg_destroy_decompress(&jpeg);
}

void decode_with_vam(const std::vector<unsigned char>& file, std::size_t size) {
  if (!vam::decode(std::as_bytes(std::span(file.data(), size)))) {
    give_up("a file is no picture");
  }
}

std::vector<std::string> read_paths() {
  std::vector<std::string> paths;
  for (std::string path; std::getline(std::cin, path);) paths.push_back(path);
  return paths;
}

}  // namespace

int main(int argc, char** argv) {
  const int thread_count = argc >= 2 ? std::atoi(argv[1]) : 0;
  const std::string decoder = argc >= 3 ? argv[2] : "libjpeg";
  if (argc > 3 || thread_count < 1 ||
      (decoder != "libjpeg" && decoder != "vam")) {
    give_up("usage: bare_decode THREADS [libjpeg|vam] < PATHS");
  }
  const std::vector<std::string> paths = read_paths();

  std::atomic<std::size_t> next = 0;
  std::atomic<std::uint64_t> bytes = 0;
  const auto work = [&] {
    std::vector<unsigned char> buffer;
    std::vector<JSAMPLE> row;
    for (std::size_t n = next++; n < paths.size(); n = next++) {
      const std::size_t size = read_file(paths[n], buffer);
      if (decoder == "vam") {
        decode_with_vam(buffer, size);
      } else {
        decode(buffer, size, row);
      }
      bytes += size;
    }
  };
  const auto begin = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> threads;
    for (int n = 0; n < thread_count; ++n) threads.emplace_back(work);
  }
  const std::chrono::duration<double> spent =
      std::chrono::steady_clock::now() - begin;
  std::cout << "{\"seconds\": " << spent.count()
            << ", \"files\": " << paths.size() << ", \"bytes\": " << bytes
            << "}\n";
}

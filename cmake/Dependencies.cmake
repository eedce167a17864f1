# Everything comes from the system, nothing is downloaded.
include(Packages)
find_package(CLI11 REQUIRED)
find_package(spdlog REQUIRED)

add_library(vam_dependencies INTERFACE)
target_link_libraries(vam_dependencies INTERFACE
  JPEG::JPEG PNG::PNG PkgConfig::exif PkgConfig::expat PkgConfig::xxhash
  SQLiteCpp nlohmann_json::nlohmann_json
  faiss OpenMP::OpenMP_CXX Threads::Threads)

# Everything comes from the system: find_package or pkg-config, no downloads.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS CXX)
find_package(JPEG REQUIRED)
find_package(PNG REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(SQLiteCpp REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tl-expected REQUIRED)
find_package(CLI11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(faiss REQUIRED)
pkg_check_modules(exif REQUIRED IMPORTED_TARGET libexif)
pkg_check_modules(expat REQUIRED IMPORTED_TARGET expat)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)

add_library(vam_dependencies INTERFACE)
target_link_libraries(vam_dependencies INTERFACE
  JPEG::JPEG PNG::PNG PkgConfig::exif PkgConfig::expat PkgConfig::xxhash
  SQLiteCpp nlohmann_json::nlohmann_json
  faiss OpenMP::OpenMP_CXX Threads::Threads)
